"""What people look at: the table of a scored batch, one release in the terminal, an HTML page."""
