"""The ways to group images into strategies, one a file; the file's name is the method's."""
