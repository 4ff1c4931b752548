"""What the user has said of replies: words for it, and the page of all ratings."""
