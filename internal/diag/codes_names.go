package diag

// nameCodes are about names: what they may be, and what they mean.
func nameCodes() []Code {
	return []Code{
		{
			Name: "E_RESERVED_NAME", Title: "a component has the name of a value",
			Why:   "true, false, null and none, in any case, are values. Every other word may be a name, those of kinds too.",
			Wrong: "None = llm echo {}\n",
			Right: "nobody = llm echo {}\n",
		},
		{
			Name: "W_RESERVED_RUNTIME", Title: "a component has the name of something built in",
			Why:   "It works, and hides the built-in one from all that look it up by name.",
			Wrong: "ask_user = llm echo {}\n",
			Right: "helper = llm echo {}\n",
		},
		{
			Name: "E_DUPLICATE_NAME", Title: "two components have one name",
			Why:   "The place is the second name.",
			Wrong: "a = llm echo {}\na = llm echo {}\n",
			Right: "a = llm echo {}\nb = llm echo { to: a }\n",
		},
		{
			Name: "E_UNKNOWN_REF", Title: "a bare word should name a component, and there is none",
			Why: "to, tools, knowledge_base, memory, vector_db, embedding_model, container, components, api, and the model of an agent want the name of a component. " +
				"It may be declared further down.",
			Wrong: "in = input command_line { to: brian }\nbrain = llm echo {}\n",
			Right: "in = input command_line { to: brain }\nbrain = llm echo {}\n",
		},
		{
			Name: "W_UNKNOWN_TARGET", Title: "a quoted name in to or tools names no component",
			Why:   "It is left out. Quoted or not, to and tools want the names of components; \"output\" and \"metrics\" are always there.",
			Wrong: "a = llm echo { to: \"log\" }\n",
			Right: "a = llm echo { to: \"output\" }\n",
		},
		{
			Name: "W_BARE_WORD", Title: "a word without quotes is taken as text",
			Why:   "No component has this name. If a component of that name is added later, the word will mean it, so texts are better quoted.",
			Wrong: "a = custom process { command: [python3, \"bot.py\"] }\n",
			Right: "a = custom process { command: [\"python3\", \"bot.py\"] }\n",
		},
		{
			Name: "E_CYCLE", Title: "components need each other in a circle",
			Why:   "What a component refers to has to be there before it. Only to may go round in circles. The place is the reference that closes the circle.",
			Wrong: "a = custom process { command: [\"a\"], config: { peer: b } }\nb = custom process { command: [\"b\"], config: { peer: a } }\n",
			Right: "a = custom process { command: [\"a\"], config: { peer: b } }\nb = custom process { command: [\"b\"] }\n",
		},
		{
			Name: "E_MULTIPLE_STDIN", Title: "two components read the command line",
			Why:   "They would fight over the lines. An app has one input command_line.",
			Wrong: "a = input command_line {}\nb = input command_line {}\nc = llm echo {}\n",
			Right: "a = input command_line {}\nc = llm echo {}\n",
		},
		{
			Name: "W_AMBIGUOUS_ROUTE", Title: "an input names no target, and there are several",
			Why:   "An input without to goes to the only agent, else to the only llm. With several, it goes to the first in the file.",
			Wrong: "in = input command_line {}\na = llm echo {}\nb = llm echo {}\n",
			Right: "in = input command_line { to: a }\na = llm echo {}\nb = llm echo {}\n",
		},
	}
}
