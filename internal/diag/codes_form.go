package diag

// formCodes are about the form of a file: brackets, quotes, separators.
func formCodes() []Code {
	return append([]Code{
		{
			Name: "E_SYNTAX", Title: "something stands where it cannot stand",
			Why:   "The message says what was expected at this place. The rest of the file is read all the same, so that all its problems come in one run.",
			Wrong: "a = llm echo {\n  delay 1\n}\n",
			Right: "a = llm echo {\n  delay: 1\n}\n",
		},
		{
			Name: "E_UNCLOSED_BLOCK", Title: "a { has no }",
			Why:   "The place is the opening brace. Where a line at the margin begins the next component, the block is taken to end before it.",
			Wrong: "a = llm echo {\n  delay: 1\n",
			Right: "a = llm echo {\n  delay: 1\n}\n",
		},
		{
			Name: "E_UNCLOSED_ARRAY", Title: "a [ has no ]",
			Why:   "The place is the opening bracket. The list is taken to end before the first line in it that reads like `key: value`.",
			Wrong: "in = input command_line {\n  to: [a\n}\na = llm echo {}\n",
			Right: "in = input command_line {\n  to: [a]\n}\na = llm echo {}\n",
		},
		{
			Name: "E_UNTERMINATED_STRING", Title: "a text has no closing quote",
			Why:   "A text ends on the line it begins on. A line break inside of it is written \\n, a quote \\\".",
			Wrong: "a = llm echo {\n  delay: \"1s\n}\n",
			Right: "a = llm echo {\n  delay: \"1s\"\n}\n",
		},
		{
			Name: "E_UNTERMINATED_COMMENT", Title: "a /* has no */",
			Why:   "Everything up to the end of the file is part of the comment, so nothing below it was read.",
			Wrong: "/* the model\na = llm echo {}\n",
			Right: "/* the model */\na = llm echo {}\n",
		},
		{
			Name: "E_MISSING_VALUE", Title: "a key has no value",
			Why:   "A value stands on the line of its key; only a { or [ may begin on the next one. Write null for no value.",
			Wrong: "a = llm echo {\n  delay:\n}\n",
			Right: "a = llm echo {\n  delay: null\n}\n",
		},
		{
			Name: "W_MISSING_SEPARATOR", Title: "two things on one line without a comma between them",
			Why:   "They are read as two. Often it is one text that lacks its quotes.",
			Wrong: "a = llm echo { delay: 1 streaming: true }\n",
			Right: "a = llm echo { delay: 1, streaming: true }\n",
		},
		{
			Name: "W_UNKNOWN_ESCAPE", Title: "a \\ in a text before a letter that means nothing special",
			Why:   "Both are kept as they are. The escapes in double quotes are \\\" \\\\ \\' \\n \\t \\r; in single quotes \\' and \\\\.",
			Wrong: "a = custom process { command: [\"grep\", \"\\d+\"] }\n",
			Right: "a = custom process { command: [\"grep\", \"\\\\d+\"] }\n",
		},
		{
			Name: "W_DUPLICATE_KEY", Title: "a key is given twice",
			Why:   "The last one counts.",
			Wrong: "a = llm echo {\n  delay: 1\n  delay: 2\n}\n",
			Right: "a = llm echo {\n  delay: 2\n}\n",
		},
	}, limitCodes()...)
}

// limitCodes are about what is too much for any parser, or no text.
func limitCodes() []Code {
	return []Code{
		{
			Name: "E_TOO_DEEP", Title: "brackets nest too deep",
			Why:   "256 levels are the limit. Mostly, brackets further up were never closed.",
			About: Command, Wrong: "ww check generated.ww   # a value with 300 brackets around it", Right: "ww check generated.ww   # the same value with at most 256",
		},
		{
			Name: "E_TOO_LARGE", Title: "the file is too large",
			Why:   "A .ww file may have 16 MiB. Data belongs in files of its own, named by their paths.",
			About: Command, Wrong: "ww check dump.ww   # 40 MiB", Right: "ww check main.ww   # names the data by path",
		},
		{
			Name: "E_ENCODING", Title: "the file is not UTF-8 text",
			Why:   "A NUL byte, a byte that is not UTF-8, or a file saved as UTF-16. The place is the first such byte.",
			About: Command, Wrong: "ww check main.ww   # saved as Latin-1 or UTF-16", Right: "iconv -f latin1 -t utf-8 main.ww > fixed.ww && ww check fixed.ww",
		},
	}
}
