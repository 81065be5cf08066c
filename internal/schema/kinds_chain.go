package schema

func inputs() []Kind {
	to := Property{Name: "to", Type: Refs, Doc: "who gets the text; unset, the app's agent or llm"}
	return []Kind{
		{
			Kind: "input", Type: "command_line", Aliases: []string{"cli"}, Role: Input, Runtime: true,
			Doc: "lines that a person types or pipes in", Properties: []Property{to},
		},
		{
			Kind: "input", Type: "api", Aliases: []string{"websocket"}, Role: Input, Runtime: true,
			Doc: "HTTP and WebSocket door", Properties: []Property{
				to,
				{Name: "port", Type: Int, Most: 65535, Default: int64(8000), Doc: "port on 127.0.0.1; 0 takes a free one and says which in the log"},
				{Name: "host", Type: Text, Default: "127.0.0.1", Doc: "address to listen on; one that others reach needs a token"},
				{Name: "endpoint", Type: Text, Default: "/input", Doc: "path of the WebSocket"},
				{Name: "token", Type: Text, Secret: true, Doc: "what callers must present"},
				{Name: "allow_origins", Type: Texts, Doc: "web pages that may call besides those of this machine"},
				{Name: "local", Type: Bool, Default: true, Legacy: "leave it out: it never had an effect", Doc: "unused"},
				{Name: "routes", Type: Dict, Doc: "path of a POST to the component that answers it"},
				{Name: "workflow_entrypoints", Type: Dict, Later: true, Doc: "name of a workflow to its route"},
			},
		},
		{
			Kind: "input", Type: "keyword_voice", Role: Input, Runtime: true, Doc: "what is said after a spoken keyword",
			Properties: append([]Property{
				apiKey(true), {Name: "keyword", Type: Text, Required: true, Doc: "with what a sentence for the app begins; with a trigger, what that spots"}, to,
			}, hears()...),
		},
		{
			Kind: "input", Type: "push_to_talk", Role: Input, Runtime: true, Doc: "what is said when /talk is typed, or a trigger notices; what else is typed goes on as it is",
			Properties: append([]Property{apiKey(true), to}, hears()...),
		},
	}
}

func apiKey(required bool) Property {
	return Property{Name: "api_key", Type: Text, Required: required, Secret: true, Doc: "key of the service, best from the environment: $NAME"}
}

func models() []Kind {
	return append([]Kind{
		{
			Kind: "llm", Type: "echo", Role: Model, Runtime: true, Doc: "answers with the text it gets; for tests",
			Properties: []Property{
				{Name: "delay", Type: Duration, Doc: "wait this long before each answer"},
			},
		},
		{
			Kind: "llm", Type: "replay", Role: Model, Runtime: true, Doc: "answers what a model answered when it was recorded; offline and deterministic",
			Properties: []Property{
				{Name: "recording", Type: File, Required: true, Doc: "the file that ww sessions export ID --recording wrote, relative to the .ww file"},
				{Name: "model", Type: Text, Doc: "which of several models of the recording it stands for"},
			},
		},
		{
			Kind: "llm", Type: "scripted", Role: Model, Runtime: true, Doc: "answers from a file of patterns and replies; offline and deterministic",
			Properties: []Property{
				{Name: "script", Type: File, Required: true, Doc: "the file, relative to the .ww file"},
			},
		},
	}, services()...)
}

// Services are the types of llm that somebody else runs.
func Services() []string { return []string{"openai", "claude", "ollama", "hugging_face"} }

// services are the llms that somebody else runs.
func services() []Kind {
	shared := []Property{
		{Name: "knowledge_base", Type: Ref, Doc: "where it looks things up"},
		{Name: "memory", Type: Ref, Doc: "what it remembers"},
		{Name: "prompt", Type: Dict, Keys: prompt(), Doc: "instruction file and its variables"},
		{Name: "temperature", Type: Float, Doc: "how free the wording is"},
		{Name: "base_url", Type: Text, Doc: "another address that speaks the protocol of the service"},
		{Name: "max_tokens", Type: Int, Positive: true, Doc: "tokens of an answer, at most"},
		{Name: "max_retries", Type: Int, Default: int64(2), Doc: "how often a request that failed is sent again"},
		{Name: "timeout", Type: Duration, Default: "60s", Doc: "silence of the service after which a request has failed"},
	}
	model := func(def string) Property {
		p := Property{Name: "model", Type: Text, Doc: "name of the model", Required: def == ""}
		if def != "" {
			p.Default = def
		}
		return p
	}
	with := func(own ...Property) []Property { return append(own, shared...) }
	key := apiKey(true)
	key.Unless = "base_url" // a service of one's own may want none
	token := key
	token.Old = []string{"api_token"}
	return []Kind{
		{Kind: "llm", Type: "openai", Role: Model, Runtime: true, Doc: "models of OpenAI", Properties: with(key, model("gpt-4o-mini"))},
		{Kind: "llm", Type: "claude", Role: Model, Runtime: true, Doc: "models of Anthropic", Properties: with(key, model("claude-sonnet-4-20250514"))},
		{Kind: "llm", Type: "ollama", Role: Model, Runtime: true, Doc: "models on this machine, by ollama", Properties: with(model(""))},
		{Kind: "llm", Type: "hugging_face", Role: Model, Runtime: true, Doc: "models behind Hugging Face", Properties: with(token, model("mistralai/Mixtral-8x7B-Instruct-v0.1"))},
	}
}

func prompt() []Property {
	return []Property{
		{Name: "file", Type: Path, Doc: "text of the instruction"},
		{Name: "variables", Type: Dict, Doc: "values for its placeholders"},
	}
}

func agents() []Kind {
	own := []Property{
		{Name: "tools", Type: Refs, Required: true, Doc: "components it may call"},
		{Name: "model", Type: Ref, Required: true, Unless: "api_key", Doc: "the llm it thinks with"},
		{Name: "api_key", Type: Text, Secret: true, Legacy: "declare an llm and name it in model", Doc: "key of an implied openai model"},
		{Name: "planning", Type: Bool, Default: false, Doc: "keeps a list of things to do"},
		{Name: "cache", Type: Bool, Default: false, Doc: "keeps how tasks were done, and does those that are much like them so again"},
		{Name: "uri", Type: Text, Doc: "with cache: a Neo4j server that keeps the plans; unset, they are in the state of the app"},
		{Name: "user", Type: Text, Doc: "its user"},
		{Name: "password", Type: Text, Secret: true, Doc: "its password"},
		{Name: "prompt", Type: Dict, Keys: prompt(), Doc: "instruction file and its variables"},
		{Name: "max_iterations", Type: Int, Default: int64(50), Positive: true, Doc: "longest run of thought and action"},
		{Name: "context_limit", Type: Int, Default: int64(90_000), Positive: true, Doc: "tokens of a conversation before it is summed up"},
		{Name: "observation_limit", Type: Int, Default: int64(15_000), Positive: true, Doc: "tokens of a tool's result that the model sees"},
		{Name: "history", Type: Int, Default: int64(20), Doc: "earlier turns of the session that it sees; 0 for none"},
		{Name: "ask_timeout", Type: Duration, Doc: "how long the user may take to answer ask_user; unset, as long as the turn"},
		{Name: "memory", Type: Ref, Doc: "what it remembers"},
		{Name: "knowledge_base", Type: Ref, Doc: "where it looks things up"},
	}
	for _, feature := range []string{"graph_cache", "knowledge_graph", "workflows"} {
		own = append(own,
			Property{Name: feature, Type: Bool, Default: false, Doc: "feature of the Python engine that needs Neo4j"},
			Property{Name: feature + "_uri", Type: Text, Default: "bolt://localhost:7687", Doc: "its address"},
			Property{Name: feature + "_user", Type: Text, Default: "neo4j", Doc: "its user"},
			Property{Name: feature + "_password", Type: Text, Secret: true, Doc: "its password"},
		)
	}
	old := []Property{
		apiKey(true),
		{Name: "tools", Type: Refs, Old: []string{"api"}, Doc: "components it may call"},
		{Name: "cache", Type: Bool, Default: false, Doc: "reuses earlier plans"},
		{Name: "uri", Type: Text, Doc: "address of the cache"},
		{Name: "user", Type: Text, Doc: "user of the cache"},
		{Name: "password", Type: Text, Secret: true, Doc: "password of the cache"},
		{Name: "workflow", Type: Path, Doc: "never read"},
		{Name: "knowledge_base", Type: Ref, Doc: "where it looks things up"},
	}
	for _, p := range own { // it runs as an agent, and whoever wrote the new name's keys into it means them
		if _, has := Find(old, p.Name); !has {
			p.Required = false
			old = append(old, p)
		}
	}
	return []Kind{
		{Kind: "agent", Type: "llm", Role: Agent, Runtime: true, Doc: "works on a task with a model and tools", Properties: own},
		{
			Kind: "agent", Type: "scripted", Role: Agent, Runtime: true, Doc: "calls tools and answers by a file; offline and deterministic",
			Properties: []Property{
				{Name: "script", Type: File, Required: true, Doc: "the file, relative to the .ww file"},
				{Name: "tools", Type: Refs, Doc: "components it may call"},
			},
		},
		{Kind: "decomposer", Type: "llm", Role: Agent, Runtime: true, Legacy: "agent llm", Means: "agent llm", Doc: "plans a task at once; runs as an agent", Properties: old},
	}
}

func outputs() []Kind {
	return []Kind{
		{Kind: "output", Type: "console", Aliases: []string{"cli", "command_line"}, Role: Output, Runtime: true, Doc: "the end of a chain: whoever asked shows the answer"},
		{
			Kind: "output", Type: "file", Role: Output, Runtime: true, Doc: "adds each answer to a file", Properties: []Property{
				{Name: "path", Type: Path, Required: true, Doc: "the file; it and its directory are made when they are not there"},
				{Name: "format", Type: Text, Values: []string{"text", "json"}, Default: "text", Doc: "the bare answers, or an object a line with the turn and the session"},
			},
		},
		{
			Kind: "output", Type: "webhook", Role: Output, Runtime: true, Doc: "posts each answer to an address", Properties: []Property{
				{Name: "url", Type: Text, Required: true, Doc: "http or https"},
				{Name: "headers", Type: Dict, Doc: "besides those that are always sent"},
				{Name: "secret", Type: Text, Secret: true, Doc: "signs each body: X-WW-Signature is sha256= and its HMAC"},
				{Name: "timeout", Type: Duration, Default: "10s", Doc: "until a request has failed"},
				{Name: "retry", Type: Retry, Keys: retry(), Default: int64(5), Doc: "how often an answer is posted that was not taken; then it is a dead letter"},
			},
		},
		{
			Kind: "output", Type: "voice", Role: Output, Runtime: true, Doc: "speaks the answer", Properties: []Property{
				{Name: "api_key", Type: Text, Secret: true, Doc: "key of the service; unset, OPENAI_API_KEY of the environment"},
				{Name: "voice", Type: Text, Default: SpeechVoice, Doc: "whose voice"},
				{Name: "model", Type: Text, Default: SpeechModel, Doc: "the model that speaks"},
				{Name: "format", Type: Text, Default: SpeechFormat, Doc: "of the sound that the player gets"},
				{Name: "player", Type: Argv, Doc: "program that plays what it reads from its input; unset: ffplay"},
				{Name: "base_url", Type: Text, Default: "https://api.openai.com/v1", Doc: "of a service that speaks as OpenAI's audio API does"},
			},
		},
	}
}

func processes() []Kind {
	return []Kind{
		{
			Kind: "custom", Type: "process", Role: Process, Runtime: true, Doc: "a component in any language: JSON-RPC, one message a line on stdin and stdout",
			Properties: []Property{
				{Name: "command", Type: Argv, Required: true, Doc: "program and arguments; no shell is involved"},
				{Name: "env", Type: Dict, Doc: "variables for the process, besides PATH, HOME, LANG and TMPDIR"},
				{Name: "config", Type: Dict, Doc: "handed to the process when it starts"},
			},
		},
		{
			Kind: "custom", Type: "scripted", Role: Tool, Runtime: true, Doc: "a tool that acts by a file; offline and deterministic",
			Properties: []Property{
				{Name: "script", Type: File, Required: true, Doc: "the file, relative to the .ww file"},
				{Name: "side_effects", Type: Bool, Default: false, Doc: "its work changes the world: no call may act twice"},
			},
		},
		{
			Kind: "custom", Type: "tool", Role: Tool, Runtime: true, Legacy: "api functions, or custom process", Doc: "a Python class with description and input",
			Properties: []Property{
				{Name: "path", Type: Path, Required: true, Doc: "Python file; its first class that derives woodwork.tool_interface is the tool"},
			},
		},
	}
}
