"""Where audiences are sent to, one file each."""
