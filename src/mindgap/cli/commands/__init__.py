"""The commands, one file a group; every file offers `register(app)`."""
