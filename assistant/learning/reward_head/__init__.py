"""The reward head: features of a reply, and a small Bayesian model over them that scores it as this user would."""
