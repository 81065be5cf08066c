package agentllm

import (
	"encoding/json"
	"fmt"
	"strconv"
)

func errPlanServer(name, uri string) error {
	return fmt.Errorf(`%s: uri %q is no address of a Neo4j server, which would keep plans; write it as in uri: "neo4j://localhost:7687", or leave it out`, name, uri)
}

func errNoModel(name string) error {
	return fmt.Errorf(`%s: an agent needs a model: model: NAME of an llm of this file`, name)
}

func errPrompt(name, file string, err error) error {
	return fmt.Errorf("%s: its instruction %s cannot be read: %w; write the file, or leave prompt out", name, strconv.Quote(file), err)
}

func errIterations(name string, most int) error {
	return fmt.Errorf("%s came to no answer in %d steps; set max_iterations to let it go on longer, or make the task smaller", name, most)
}

func errModelAnswer(model string, err error) error {
	return fmt.Errorf("%s answered what is no answer of a model: %w", model, err)
}

func errBroken(model string, most int, problem string) error {
	return fmt.Errorf("%s wrote more than %d actions in a row that cannot be read; the last one: %s", model, most, problem)
}

func errNothing(model string) error {
	return fmt.Errorf("%s says nothing: no thought, no action and no answer", model)
}

func errTooLong(model string) error {
	return fmt.Errorf("the conversation is longer than %s takes, also when it is summed up; ask for less at once, or set context_limit lower", model)
}

func errSame(name string, a action, times int) error {
	b, err := json.Marshal(a.Inputs)
	if err != nil {
		b = []byte("…")
	}
	const most = 200
	if len(b) > most {
		b = append(b[:most:most], "…"...)
	}
	what := a.Tool
	if a.Action != "" {
		what += "." + a.Action
	}
	return fmt.Errorf("%s goes around in circles: it called %s %s %d times in a row, with the same result each time", name, what, b, times)
}

func quoted(s string) string { return strconv.Quote(s) }
