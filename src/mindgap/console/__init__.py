"""What people see in a browser: pages, the self-contained report, and how they speak."""
