"""`python -m mindgap.cli`: the command line, for processes that start another one."""

from mindgap.cli.main import main

main()
