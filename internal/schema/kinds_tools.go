package schema

func stores() []Kind {
	key := apiKey(true)
	key.Unless = "client or embedding or base_url" // the oldest files embed on this machine
	return []Kind{
		{Kind: "memory", Type: "short_term", Role: Tool, Runtime: true, Doc: "what was said in a session"},
		{
			Kind: "knowledge_base", Type: "chroma", Role: Tool, Runtime: true, Doc: "passages of documents, found by meaning",
			Properties: []Property{
				key,
				{Name: "file_to_embed", Type: Path, Data: true, Doc: "file or directory that ww embed reads in"},
				{Name: "embedding", Type: Text, Values: []string{"service", "local"}, Default: "service", Doc: "what makes vectors: a service, or local: words are compared on this machine"},
				{Name: "model", Type: Text, Default: "text-embedding-3-large", Doc: "the service's model for embeddings"},
				{Name: "base_url", Type: Text, Doc: "another address that speaks the embeddings protocol of OpenAI"},
				{Name: "path", Type: Path, Data: true, Default: ".woodwork/chroma", Doc: "another directory for it than the app's own; what the Python engine keeps there cannot be read"},
				{Name: "url", Type: Text, Doc: "a Chroma server that keeps it"},
				{Name: "token", Type: Text, Secret: true, Doc: "what the Chroma server wants to see"},
				{Name: "collection", Type: Text, Default: "collection", Doc: "its name on the Chroma server"},
				{Name: "tenant", Type: Text, Default: "default_tenant", Doc: "tenant on the Chroma server"},
				{Name: "database", Type: Text, Default: "default_database", Doc: "database on the Chroma server"},
				{Name: "client", Type: Text, Legacy: "embedding", Doc: "local: without an api_key, words are compared on this machine"},
			},
		},
		{
			Kind: "knowledge_base", Type: "neo4j", Role: Tool, Runtime: true, Doc: "a graph database",
			Properties: []Property{
				{Name: "uri", Type: Text, Required: true, Doc: "its address"},
				{Name: "user", Type: Text, Required: true, Doc: "its user"},
				{Name: "password", Type: Text, Required: true, Secret: true, Doc: "its password"},
				{Name: "http_uri", Type: Text, Doc: "its address for HTTP; unset, port 7474 of uri, or 7473 where that is encrypted"},
				{Name: "database", Type: Text, Default: "neo4j", Doc: "the database"},
				{Name: "file_to_embed", Type: Path, Data: true, Doc: "file or directory that ww embed reads in, as nodes (:Passage {path, value, embedding})"},
				{Name: "model", Type: Text, Default: "text-embedding-ada-002", Doc: "model for the embeddings of similarity_search and ww embed"},
				{Name: "base_url", Type: Text, Doc: "another address that speaks the embeddings protocol of OpenAI"},
				apiKey(false),
			},
		},
		{
			Kind: "knowledge_base", Type: "text_file", Role: Tool, Runtime: true, Doc: "one file of text; created when it is missing",
			Properties: []Property{{Name: "path", Type: Path, Data: true, Required: true, Doc: "the file"}},
		},
	}
}

func tools() []Kind {
	return []Kind{
		{
			Kind: "api", Type: "functions", Role: Tool, Runtime: true, Doc: "the functions of a Python file",
			Properties: []Property{
				{Name: "path", Type: Path, Required: true, Doc: "the file, relative to the .ww file"},
				{Name: "timeout", Type: Duration, Default: "30s", Doc: "how long a function may take"},
			},
		},
		{
			Kind: "api", Type: "web", Role: Tool, Runtime: true, Doc: "an HTTP service: its operations as OpenAPI describes them, or paths that are read by GET",
			Properties: []Property{
				{Name: "url", Type: Text, Required: true, Unless: "openapi", Doc: "its address; http:// when it has no scheme; unset, the one that the OpenAPI document names"},
				{Name: "documentation", Type: Path, Doc: "file that tells the model what it can do: any text, or an OpenAPI document"},
				{Name: "openapi", Type: Text, Doc: "OpenAPI document, 3.x, as JSON or YAML: a file, or an address it is fetched from"},
				{Name: "operations", Type: Texts, Doc: "offer only these operations of it, by operationId"},
				{Name: "readonly", Type: Bool, Doc: "offer only what is asked by GET or HEAD"},
				{Name: "token", Type: Text, Secret: true, Doc: "sent as Authorization: Bearer"},
				{Name: "user", Type: Text, Doc: "user for HTTP's basic authentication"},
				{Name: "password", Type: Text, Secret: true, Doc: "its password"},
				{Name: "headers", Type: Dict, Secret: true, Doc: "headers of every request"},
				{Name: "query", Type: Dict, Secret: true, Doc: "parameters of every request, such as a key"},
				{Name: "timeout", Type: Duration, Default: "30s", Doc: "how long a request may take"},
				{Name: "max_response", Type: Int, Default: 524288, Positive: true, Doc: "bytes of an answer that are taken; at most 716800"},
			},
		},
		{
			Kind: "mcp", Type: "server", Role: Tool, Runtime: true, Doc: "the tools of an MCP server",
			Properties: []Property{
				{Name: "server", Type: Text, Required: true, Unless: "command or url", Doc: "npm:PACKAGE, pypi:PACKAGE, python:MODULE, docker:IMAGE, or its id in the registry"},
				{Name: "command", Type: Argv, Doc: "the program that is the server, and its arguments"},
				{Name: "args", Type: List, Doc: "more arguments, after those of command or server"},
				{Name: "url", Type: Text, Old: []string{"remote_url"}, Doc: "address of a server that speaks streamable HTTP"},
				{Name: "version", Type: Text, Default: "latest", Doc: "version of the package"},
				{Name: "env", Type: Dict, Doc: "variables of its process; it sees no others but PATH, HOME, LANG and TMPDIR"},
				{Name: "auth", Type: Dict, Secret: true, Doc: "more variables, for {NAME} in headers; a single one is sent as Authorization: Bearer"},
				{Name: "headers", Type: Dict, Secret: true, Doc: "headers for url, with {NAME} for a variable of auth or env"},
				{Name: "toolsets", Type: Text, Doc: "groups of tools to offer, as header X-MCP-Toolsets"},
				{Name: "readonly", Type: Bool, Doc: "only tools that say that they change nothing"},
				{Name: "resources", Type: Texts, Doc: "uris of resources whose texts are told to the model"},
				{Name: "timeout", Type: Duration, Default: "30s", Doc: "how long a call may take without a sign of progress"},
				{Name: "max_result", Type: Int, Default: 524288, Positive: true, Doc: "bytes of an answer that are taken; at most 716800"},
				{Name: "protocol", Type: Text, Doc: "version of the protocol to greet with, for servers that end when they hear another"},
				{Name: "registry", Type: Text, Default: "https://registry.modelcontextprotocol.io", Doc: "the registry that is asked for an id"},
				{Name: "transport", Type: Text, Legacy: "ww finds the transport", Doc: "how it is reached"},
				{Name: "image_url", Type: Text, Legacy: "server: \"docker:IMAGE\"", Doc: "its container image"},
				{Name: "api_key", Type: Text, Secret: true, Legacy: "put it in auth", Doc: "its key"},
			},
		},
		{
			Kind: "model", Type: "pytorch", Role: Tool, Runtime: true, Doc: "a network of your own, where Python has torch; its function forward runs it",
			Properties: []Property{
				{Name: "model_weights", Type: Path, Required: true, Doc: "file with the weights, as torch.save writes a state_dict"},
				{Name: "model_code", Type: Text, Required: true, Doc: "\"module.Class\": net.Net is the class Net of net.py"},
				{Name: "timeout", Type: Duration, Default: "30s", Doc: "how long a call may take"},
			},
		},
	}
}

func environments() []Kind {
	sync := []Property{
		{Name: "vector_db", Type: Ref, Doc: "where its files are made searchable"},
		{Name: "embedding_model", Type: Ref, Doc: "what turns text into vectors"},
	}
	return []Kind{
		{Kind: "core", Type: "command_line", Role: Tool, Runtime: true, Doc: "a command line in a directory of its own", Properties: commands()},
		{
			Kind: "core", Type: "code", Role: Tool, Runtime: true, Doc: "file tools in the directory of such a command line",
			Properties: append([]Property{
				{Name: "container", Type: Ref, Required: true, Doc: "the core command_line it works in"},
				{Name: "repo_url", Type: Text, Required: true, Doc: "owner/repo on GitHub"},
				{Name: "local_path", Type: Text, Default: "/home/ubuntu/repo", Doc: "where it is cloned to"},
				{Name: "knowledge_base", Type: Ref, Legacy: "vector_db", Doc: "never had an effect"},
			}, sync...),
		},
		{
			Kind: "environment", Type: "coding", Role: Tool, Runtime: true, Doc: "a workspace to write and run code in: a directory, or a container",
			Properties: append(append([]Property{
				{Name: "repo_url", Type: Text, Doc: "owner/repo, or a URL; cloned once"},
				{Name: "local_path", Type: Text, Default: "/workspace", Doc: "what the workspace is called in commands and paths"},
				{Name: "environment_variables", Type: Dict, Doc: "variables of commands"},
				{Name: "setup_scripts", Type: List, Doc: "run once"},
				{Name: "startup_scripts", Type: List, Doc: "run once a start"},
				{Name: "working_directory", Type: Text, Default: "/workspace", Doc: "never had an effect"},
			}, commands()...), sync...),
		},
	}
}

// commands are the properties of what runs commands of agents.
func commands() []Property {
	return []Property{
		{Name: "shell", Type: Bool, Default: true, Doc: "commands are lines of a shell; false: one program with its arguments"},
		{Name: "command_timeout", Type: Duration, Default: "2m", Doc: "how long a command may take"},
		{Name: "docker", Type: Bool, Default: false, Doc: "commands run in a container, and not on this machine"},
		{Name: "dockerfile", Type: Text, Doc: "with docker: text of a Dockerfile"},
		{Name: "image_name", Type: Text, Default: "coding-env", Doc: "with docker: name of the image"},
		{Name: "container_name", Type: Text, Default: "coding-env", Doc: "with docker: name of the container"},
	}
}

func observers() []Kind {
	var all []Kind
	for _, o := range [][2]string{
		{"analytics", "counts what happens"}, {"logger", "writes events to the log"}, {"metrics", "counts and measures turns"},
	} {
		all = append(all, Kind{Kind: o[0], Role: Observer, Doc: o[1]})
	}
	return all
}

func deployments() []Kind {
	shared := []Property{
		{Name: "message_bus", Type: Block, Keys: bus(), Doc: "what carries the messages: local, nats or redis"},
		{Name: "orchestration_mode", Type: Text, Values: []string{"centralized", "distributed"}, Doc: "who hands messages on"},
		{Name: "components", Type: Any, Later: true, Doc: "the components it holds, or their settings by name"},
		{Name: "port", Type: Int, Later: true, Doc: "port of its HTTP door"},
		{Name: "component_discovery", Type: Any, Default: true, Later: true, Doc: "components find each other by themselves; they always do"},
		{Name: "health_checks", Type: Any, Default: true, Later: true, Doc: "watch whether components answer; that is always done"},
		{Name: "distributed", Type: Dict, Keys: distributed(), Later: true, Hint: "write it in the component that is meant: its calls get the circuit_breaker", Doc: "registry, sessions and breaker"},
		{Name: "image", Type: Text, Later: true, Doc: "container image"},
		{Name: "ports", Type: Dict, Later: true, Doc: "ports to publish"},
		{Name: "environment", Type: Dict, Later: true, Doc: "variables"},
	}
	var all []Kind
	for _, t := range []string{"local", "server", "docker", "cloud", "cluster"} {
		all = append(all, Kind{Kind: "deployment", Type: t, Role: Deployment, Doc: "the app runs by way of " + t, Properties: shared})
	}
	all[0].Doc = "the app runs on this machine"
	for _, old := range [][2]string{{"server", "deployment server"}, {"distributed_server", "deployment server"}, {"distributed_docker", "deployment docker"}} {
		all = append(all, Kind{Kind: "vm", Type: old[0], Role: Deployment, Legacy: old[1], Means: old[1], Doc: "old name of " + old[1], Properties: shared})
	}
	for _, b := range []string{"redis", "nats"} {
		all = append(all, Kind{Kind: "message_bus", Type: b, Role: BusKind, Doc: "messages travel by " + b, Properties: bus()})
	}
	return append(all, Kind{Kind: "message_bus", Type: "local", Aliases: []string{"memory", "in_memory"}, Role: BusKind, Doc: "messages travel by Unix sockets of this machine", Properties: bus()})
}

// bus are the properties of what carries messages.
func bus() []Property {
	return []Property{
		{Name: "delivery_ttl", Type: Duration, Default: "10m", Aliases: []string{"ttl_seconds"}, Doc: "how long a message waits for its receiver before it is set aside"},
		{Name: "url", Type: Text, Secret: true, Later: true, Aliases: []string{"redis_url", "nats_url"}, Doc: "its address"},
		{Name: "stream_prefix", Type: Text, Default: "woodwork", Later: true, Doc: "first part of every key"},
		{Name: "consumer_group", Type: Text, Default: "components", Later: true, Doc: "name of the group of readers"},
		{Name: "max_retries", Type: Int, Later: true, Doc: "deliveries before a message is set aside"},
		{Name: "max_queue_size", Type: Int, Later: true, Doc: "messages that may wait for a component"},
		{Name: "dead_letter_ttl", Type: Duration, Later: true, Doc: "how long such messages are kept"},
		{Name: "image", Type: Text, Later: true, Doc: "container image"},
		{Name: "ports", Type: Dict, Later: true, Doc: "ports to publish"},
	}
}
