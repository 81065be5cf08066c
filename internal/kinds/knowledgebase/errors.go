package knowledgebase

import (
	"errors"
	"fmt"
)

func errNoKey(name string) error {
	return fmt.Errorf(`%s: its embeddings need an api_key; write api_key: $OPENAI_API_KEY, or embedding: "local" to compare words on this machine, or try: ww dev --offline`, name)
}

func errNoPath(name string) error {
	return fmt.Errorf(`%s: which file? write path: "notes.txt"`, name)
}

func errTextFile(name, path string, err error) error {
	return fmt.Errorf("%s: %s: %w", name, path, err)
}

var errTooLarge = errors.New("it is larger than 16 MB; a knowledge_base chroma finds passages in files of any size")

func errNeo4jAddress(name, uri string) error {
	return fmt.Errorf(`%s: %q is no address of a Neo4j server; write it as in uri: "neo4j://localhost:7687"`, name, uri)
}

func errNeo4jKey(name string) error {
	return fmt.Errorf("%s: documents are read in with embeddings, which need an api_key; write api_key: $OPENAI_API_KEY", name)
}

func errNeo4jOffline(name string) error {
	return fmt.Errorf("%s: documents are read into a Neo4j server, and none is asked offline; leave out --offline", name)
}

// nothing is what an empty base answers.
func nothing(name string) string {
	return fmt.Sprintf("the knowledge base %s holds nothing yet; to read documents in: ww embed %s", name, name)
}
