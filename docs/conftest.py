"""What pytest looks for doctests in: the pages, not what builds them or is built."""

collect_ignore_glob = ["conf.py", "examples/*", "auto_examples/*", "_build/*", "api/*"]
