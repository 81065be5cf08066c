package diag

// fileCodes are about files on disk.
func fileCodes() []Code {
	return []Code{
		{
			Name: "E_NO_FILE", Title: "there is no such file",
			Why:   "The .ww file itself, or one that must be there before the app can start. Paths in a .ww file are relative to its directory.",
			Wrong: "a = llm scripted { script: \"not-there.script\" }\n",
			Right: "a = llm echo {}\n",
		},
		{
			Name: "E_NOT_A_FILE", Title: "a directory, pipe or device stands where a file should",
			Why:   "ww reads files only: a pipe can be read once, and could keep it waiting for ever.",
			Wrong: "a = llm scripted { script: \".\" }\n",
			Right: "a = llm echo {}\n",
		},
		{
			Name: "E_UNREADABLE", Title: "a file cannot be read",
			Why:   "Its owner, its permissions or the disk forbid it, or it was being written all the time while it was read.",
			About: Command, Wrong: "chmod 000 main.ww && ww check", Right: "chmod 644 main.ww && ww check",
		},
		{
			Name: "E_PATH_TOO_LONG", Title: "a path is longer than the system takes",
			Why:   "Sockets have short paths: about 100 bytes with all that ww appends. Set WW_RUN_DIR to a short directory of your own.",
			About: Command, Wrong: "WW_RUN_DIR=/a/very/long/path/… ww check", Right: "WW_RUN_DIR=/tmp/mine ww check",
		},
		{
			Name: "W_ENV_FILE", Title: "a line of the .env file, or all of it, is not used",
			Why:   "Lines look like NAME=value; export before it, blanks around the = and quotes are fine. The line itself is never shown: it may hold a secret.",
			About: Dotenv, Wrong: "OPENAI API KEY=sk-1\n", Right: "OPENAI_API_KEY=sk-1\n",
		},
	}
}

// scriptCodes are about the files of scripted components.
func scriptCodes() []Code {
	rows := []Code{
		{
			Name: "E_SCRIPT_SYNTAX", Title: "a line of a script cannot be read", Why: "A quote, slash or fence is open, or the file is no text.",
			Wrong: "when \"hello\n  say \"hi\"\n", Right: "when \"hello\"\n  say \"hi\"\n",
		},
		{
			Name: "E_SCRIPT_WORD", Title: "no step of a script has this name", Why: "The message lists the words that a line can begin with.",
			Wrong: "when \"hello\"\n  tell \"hi\"\n", Right: "when \"hello\"\n  say \"hi\"\n",
		},
		{
			Name: "E_SCRIPT_PATTERN", Title: "a pattern of a script is no pattern", Why: "Write a text in quotes, with * for anything, or a regular expression between slashes.",
			Wrong: "when /(/\n  say \"hi\"\n", Right: "when /hel+o/\n  say \"hi\"\n",
		},
		{
			Name: "E_SCRIPT_TIME", Title: "a time in a script is no time", Why: "Write a number with its unit, as in 500ms or 2s.",
			Wrong: "when \"hello\"\n  wait soon\n", Right: "when \"hello\"\n  wait 500ms\n",
		},
		{
			Name: "E_SCRIPT_CAPTURE", Title: "a {1} that its pattern does not catch", Why: "Each * of the pattern, or each group of the expression, is one number.",
			Wrong: "when \"hello\"\n  say \"hi {1}\"\n", Right: "when \"hello *\"\n  say \"hi {1}\"\n",
		},
		{
			Name: "E_SCRIPT_BLOCK", Title: "a block of a script does nothing, or nothing gets to it", Why: "Every when and otherwise has steps below it, and every pattern is new.",
			Wrong: "when \"hello\"\n", Right: "when \"hello\"\n  say \"hi\"\n",
		},
		{
			Name: "E_SCRIPT_CALL", Title: "a call in a script cannot be made", Why: "It names one of the agent's tools, and what it hands over is text in quotes or JSON.",
			Wrong: "when \"look\"\n  call shell { path: . }\n", Right: "when \"look\"\n  call shell { \"path\": \".\" }\n",
		},
		{
			Name: "E_SCRIPT_TIMES", Title: "a count in a script is no count", Why: "Write crash alone, or with the number of attempts that crash.",
			Wrong: "when \"hello\"\n  crash never\n", Right: "when \"hello\"\n  crash 2\n",
		},
	}
	for i := range rows {
		rows[i].About = Script
	}
	return rows
}
