"""What a picture shows, found without a language model: names, shapes, colours, counts, places and text."""
