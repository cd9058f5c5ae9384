"""What the commands `mindgap source ...` do."""
