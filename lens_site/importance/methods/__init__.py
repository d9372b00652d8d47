"""One attribution method a file, which bears its name; mathematics shared by two is one up."""
