"""Files that a message carries (text, source code, Word and PDF documents): read in safely, given to the model as text."""
