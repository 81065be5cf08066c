package schema

// common are the properties that every component takes.
func common() []Property {
	return append(append(wiring(), running()...), delivering()...)
}

func wiring() []Property {
	script := []Property{
		{Name: "event", Type: Text, Required: true, Doc: "event to listen to, as in \"agent.thought\""},
		{Name: "script_path", Type: Path, Required: true, Aliases: []string{"script"}, Doc: "Python file"},
		{Name: "function_name", Type: Text, Required: true, Aliases: []string{"function"}, Doc: "function in that file"},
	}
	return []Property{
		{Name: "to", Type: Refs, Doc: "next hops of a turn; unset, they are inferred"},
		{Name: "hooks", Type: List, Keys: script, Doc: "functions that see an event"},
		{Name: "pipes", Type: List, Keys: script, Doc: "functions that may change an event's payload"},
		{Name: "streaming", Type: Bool, Default: true, Doc: "hand on pieces of an answer as they come"},
		{Name: "streaming_input", Type: Bool, Later: true, Doc: "take pieces of a message as they come"},
		{Name: "streaming_output", Type: Bool, Later: true, Doc: "hand on pieces of an answer as they come"},
		{Name: "session_id", Type: Text, Later: true, Doc: "the session that turns without one belong to"},
		{Name: "distributed", Type: Dict, Keys: distributed(), Doc: "registry, sessions and breaker of a distributed app"},
		{Name: "orchestration_mode", Type: Text, Values: []string{"centralized", "distributed"}, Default: "distributed", Doc: "who hands its messages on: it itself, or the task master"},
		{Name: "deployment", Type: Block, Later: true, Doc: "where this component runs"},
		{Name: "capabilities", Type: Texts, Doc: "what others may look it up by"},
		{Name: "input_events", Type: Texts, Doc: "message types it takes; others are refused"},
		{Name: "output_events", Type: Texts, Doc: "message types it sends"},
		{Name: "resources", Type: Dict, Keys: resources(), Doc: "what it and all that it starts may use of the machine"},
		{Name: "endpoint", Type: Text, Later: true, Doc: "address at which others reach it, on a network"},
		{Name: "behavior", Type: Any, Later: true, Doc: "notes of old design documents"},
	}
}

func running() []Property {
	return []Property{
		{Name: "replicas", Type: Int, Positive: true, Default: int64(1), Live: true, Doc: "instances that share the work"},
		{Name: "autoscale", Type: Dict, Keys: autoscale(), Later: true, Live: true, Doc: "instances by load"},
		{Name: "max_concurrent", Type: Int, Positive: true, Default: int64(10), Doc: "turns at once"},
		{Name: "workers", Type: Int, Positive: true, Default: int64(1), Later: true, Doc: "worker processes for functions that keep a CPU busy"},
		{Name: "restart", Type: Text, Values: []string{"on-failure", "always", "never"}, Default: "on-failure", Live: true, Doc: "what happens when the process ends"},
		{Name: "ready_timeout", Type: Duration, Default: "30s", Doc: "until it must be ready"},
		{Name: "drain_timeout", Type: Duration, Default: "10s", Doc: "how long running turns may finish at a stop"},
		{Name: "turn_timeout", Type: Duration, Default: "10m", Doc: "deadline of a whole turn"},
		{Name: "delivery_ttl", Type: Duration, Default: "10m", Aliases: []string{"ttl_seconds"}, Doc: "how long a message of it waits for its receiver before it is set aside"},
		{Name: "hang_after", Type: Duration, Default: "15s", Live: true, Doc: "no sign of life and no CPU used for this long is a hang"},
		{Name: "heartbeat_interval", Type: Duration, Default: "5s", Doc: "between two signs of life"},
		{Name: "component_timeout", Type: Duration, Live: true, Doc: "no sign of life for this long is dead, working or not: it is ended and started again; unset, only a hang is"},
		{Name: "component_ttl", Type: Duration, Live: true, Doc: "its lease ends with its process; with this also when it gave no sign of life for this long"},
		{Name: "session_ttl", Type: Duration, Default: "3600s", Later: true, Doc: "lifetime of an unused session"},
	}
}

func delivering() []Property {
	return []Property{
		{Name: "timeout", Type: Duration, Default: "30s", Live: true, Doc: "silence after which a call has failed"},
		{Name: "retry", Type: Retry, Keys: retry(), Live: true, Doc: "how often a call that failed is made again"},
		{Name: "breaker", Type: Dict, Keys: breaker(), Aliases: []string{"circuit_breaker"}, Live: true, Doc: "stop calling what keeps failing"},
		{Name: "fallback", Type: Fallback, Live: true, Doc: "what stands in when a call fails: error, cached, a component or a text"},
		{Name: "idempotent", Type: Bool, Default: false, Doc: "calls may be repeated without harm"},
		{Name: "on_unknown", Type: Text, Values: []string{"fail", "retry"}, Default: "fail", Doc: "what to do with a call whose outcome is unknown"},
		{Name: "max_hops", Type: Int, Positive: true, Default: int64(64), Doc: "longest way of a turn"},
		{Name: "history", Type: Int, Default: int64(20), Later: true, Doc: "earlier turns of the session that an agent sees"},
		{Name: "recording", Type: Text, Values: []string{"on", "off"}, Default: "on", Later: true, Doc: "keep the turns of sessions; off keeps none"},
		{Name: "durability", Type: Text, Values: []string{"process", "disk"}, Default: "process", Doc: "what an accepted turn survives: a crash, or a power cut"},
	}
}

func resources() []Property {
	return []Property{
		{Name: "memory", Type: Size, Doc: "more than this, and it is started again, with the reason"},
		{Name: "cpu", Type: Float, Later: true, Doc: "share of one core"},
	}
}

func breaker() []Property {
	return []Property{
		{Name: "failure_threshold", Type: Int, Default: int64(5), Doc: "consecutive failures that open it"},
		{Name: "recovery_timeout", Type: Duration, Default: "60s", Doc: "until a probe is let through"},
		{Name: "success_threshold", Type: Int, Default: int64(3), Doc: "successful probes that close it"},
		{Name: "timeout", Type: Duration, Default: "30s", Doc: "silence that counts as a failure"},
	}
}

func retry() []Property {
	return []Property{
		{Name: "attempts", Type: Int, Positive: true, Aliases: []string{"max_attempts"}, Doc: "calls in all, the first one included"},
		{Name: "base", Type: Duration, Default: "100ms", Aliases: []string{"delay"}, Doc: "the first wait is a random share of it, the next one of twice as much"},
		{Name: "cap", Type: Duration, Default: "10s", Aliases: []string{"max_delay"}, Doc: "no wait is longer"},
	}
}

func autoscale() []Property {
	return []Property{
		{Name: "min", Type: Int, Doc: "fewest instances"},
		{Name: "max", Type: Int, Doc: "most instances"},
		{Name: "target_load", Type: Float, Doc: "share of max_concurrent to aim at"},
		{Name: "cooldown", Type: Duration, Doc: "between two changes"},
	}
}

func distributed() []Property {
	return []Property{
		{Name: "component_registry", Type: Any, Later: true, Doc: "where components find each other"},
		{Name: "session_manager", Type: Any, Later: true, Doc: "where sessions are kept"},
		{Name: "circuit_breaker", Type: Dict, Keys: breaker(), Aliases: []string{"breaker"}, Doc: "stop calling what keeps failing"},
		{Name: "message_bus", Type: Block, Keys: bus(), Later: true, Doc: "what carries the messages"},
	}
}

// settings are the keys that may stand at the top level of a file.
func settings() []Property {
	keys := []Property{
		{Name: "orchestration_mode", Type: Text, Values: []string{"centralized", "distributed"}, Default: "distributed", Doc: "who hands messages on"},
		{Name: "message_bus", Type: Block, Keys: bus(), Doc: "what carries the messages: local, nats or redis"},
		{Name: "deployment", Type: Block, Doc: "where the app runs: local, server or docker"},
		{Name: "cleanup_interval", Type: Duration, Default: "60s", Doc: "between two sweeps of what the dead have left in the registry"},
	}
	for _, p := range append(running(), delivering()...) {
		switch p.Name {
		case "heartbeat_interval", "component_timeout", "component_ttl", "session_ttl", "turn_timeout", "drain_timeout",
			"delivery_ttl", "hang_after", "max_hops", "history", "recording", "durability":
			keys = append(keys, p)
		}
	}
	for i := range keys {
		switch keys[i].Name {
		case "message_bus", "recording", "session_ttl", "durability", "max_hops", "turn_timeout", "drain_timeout", "delivery_ttl", "heartbeat_interval", "hang_after", "orchestration_mode",
			"component_timeout", "component_ttl", "cleanup_interval":
			keys[i].Later = false
		default:
			keys[i].Later = true
		}
	}
	return keys
}
