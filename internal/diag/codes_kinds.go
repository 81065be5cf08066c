package diag

// kindCodes are about what is declared.
func kindCodes() []Code {
	return []Code{
		{
			Name: "E_UNKNOWN_KIND", Title: "there is no such kind or type of component",
			Why:   "The message lists what there is, and what was probably meant.",
			Wrong: "a = lllm echo {}\n",
			Right: "a = llm echo {}\n",
		},
		{
			Name: "E_AMBIGUOUS_KIND", Title: "one word can mean two kinds here",
			Why:   "cli with a to, or named input, is an input; as a target, or named output, it is an output. When both or neither holds, write both words.",
			Wrong: "a = cli {}\nb = llm echo {}\n",
			Right: "a = input cli {}\nb = llm echo {}\n",
		},
		{
			Name: "W_LEGACY", Title: "an old name or property",
			Why:   "It means what it always meant. The message says what is written today.",
			Wrong: "a = knowledge_base chroma { api_key: \"k\", client: \"local\" }\n",
			Right: "a = knowledge_base chroma { api_key: \"k\" }\n",
		},
		{
			Name: "W_IGNORED", Title: "a property without effect in this version",
			Why:   "It is understood and kept, so the file needs no change when a later version acts on it.",
			Wrong: "a = llm echo { streaming_input: true }\n",
			Right: "a = llm echo { streaming: true }\n",
		},
		{
			Name: "W_SHORT_TIMEOUT", Title: "a component would be dead before it can say that it lives",
			Why:   "component_timeout and component_ttl are at least two heartbeat_interval: one answer may always come late.",
			Wrong: "heartbeat_interval = \"30s\"\ncomponent_timeout = \"30s\"\na = llm echo {}\n",
			Right: "heartbeat_interval = \"30s\"\ncomponent_timeout = \"90s\"\na = llm echo {}\n",
		},
		{
			Name: "W_LOCAL_ONLY", Title: "a deployment or bus that is elsewhere",
			Why:   "This version runs every app on this machine, on its local bus. The block is kept as it is.",
			Wrong: "message_bus = \"redis://localhost:6379\"\na = llm echo {}\n",
			Right: "message_bus = \"local\"\na = llm echo {}\n",
		},
		{
			Name: "W_EMPTY", Title: "the file declares no component",
			Why:   "There is nothing to run.",
			Wrong: "# to do\n",
			Right: "a = llm echo {}\n",
		},
	}
}

// valueCodes are about properties and their values.
func valueCodes() []Code {
	return []Code{
		{
			Name: "E_MISSING_KEY", Title: "a required property is missing",
			Why:   "Or its value is null, or a variable that is not set. The place is the name of the component; all that is missing comes in one message.",
			Wrong: "a = custom process {}\n",
			Right: "a = custom process { command: [\"python3\", \"bot.py\"] }\n",
		},
		{
			Name: "E_BAD_TYPE", Title: "a value of the wrong type",
			Why:   "The message says what the property wants and what this is. Quoted numbers and booleans are converted.",
			Wrong: "a = llm echo { max_concurrent: \"many\" }\n",
			Right: "a = llm echo { max_concurrent: 4 }\n",
		},
		{
			Name: "E_CONFLICTING_KEYS", Title: "two names of one property with different values",
			Why:   "As script and script_path, function and function_name, breaker and circuit_breaker.",
			Wrong: "a = llm echo {\n  hooks: [{ event: \"agent.error\", script: \"a.py\", script_path: \"b.py\", function: \"f\" }]\n}\n",
			Right: "a = llm echo {\n  hooks: [{ event: \"agent.error\", script: \"a.py\", function: \"f\" }]\n}\n",
		},
		{
			Name: "W_UNKNOWN_KEY", Title: "a property that the component does not have",
			Why:   "It has no effect. Old files hold some, so it is no error; most often it is a slip of the finger.",
			Wrong: "a = llm echo { dely: 1 }\n",
			Right: "a = llm echo { delay: 1 }\n",
		},
		{
			Name: "W_QUOTED_BOOL", Title: "a true or false in quotes",
			Why:   "It is taken as true or false. Older engines took any quoted text for true, \"false\" too.",
			Wrong: "a = llm echo { streaming: \"false\" }\n",
			Right: "a = llm echo { streaming: false }\n",
		},
		{
			Name: "W_QUOTED_ENV", Title: "the name of a variable in quotes, where a secret is wanted",
			Why:   "In quotes it is text, so the service would get the name itself, with its $, as the key.",
			Wrong: "a = llm openai { api_key: \"$OPENAI_API_KEY\" }\n",
			Right: "a = llm openai { api_key: \"sk-1\" }\n",
		},
		{
			Name: "W_ENV_UNSET", Title: "an environment variable is not set",
			Why:   "The property has no value then; if it needs one, there is an E_MISSING_KEY too. Variables come from the environment, else from the file .env beside the .ww file.",
			Wrong: "a = llm echo { delay: $NOT_SET_ANYWHERE }\n",
			Right: "a = llm echo { delay: 1 }\n",
		},
	}
}
