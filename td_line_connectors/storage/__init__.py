"""Where rows rest: embedded databases and files."""
