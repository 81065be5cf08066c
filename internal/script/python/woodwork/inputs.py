raise ImportError("woodwork.inputs belongs to programs that are all Python; ww runs .ww files and the functions, hooks and pipes they name")
