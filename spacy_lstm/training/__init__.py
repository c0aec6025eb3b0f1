"""What `spacy train` calls beside the components."""
