"""The command line: one file for each subcommand, imported only when it runs; exit codes in one enum."""
