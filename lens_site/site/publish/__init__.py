"""What turns a run into a folder that any server can show: render, write, search, check, serve."""
