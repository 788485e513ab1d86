"""Who you are and what you did. Knows nothing of documents."""
