package knowledge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// largestRows is how many bytes a statement may answer.
const largestRows = 16 << 20

// Cypher is a Neo4j server, asked by HTTP.
type Cypher struct {
	URL                      string
	User, Password, Database string
	HTTP                     *http.Client
}

// StatementError is what a server says of a statement that it cannot do; TooLarge: its answer is too large.
type StatementError struct {
	Code, Message string
	TooLarge      bool
}

func (e *StatementError) Error() string {
	if e.TooLarge {
		return fmt.Sprintf("the query answers more than %d MB; ask for less, with LIMIT", largestRows>>20)
	}
	return e.Code + ": " + e.Message
}

// CypherAddress is where a server answers HTTP whose address is that of its own protocol; empty: it is none.
func CypherAddress(uri string) string {
	u, err := url.Parse(uri)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	switch scheme, secure, _ := strings.Cut(u.Scheme, "+"); {
	case u.Scheme == "http", u.Scheme == "https":
		return strings.TrimRight(uri, "/")
	case scheme != "bolt" && scheme != "neo4j":
		return ""
	case secure != "":
		return "https://" + net.JoinHostPort(u.Hostname(), "7473")
	default:
		return "http://" + net.JoinHostPort(u.Hostname(), "7474")
	}
}

// Run makes one statement and returns its rows, each by the names of its columns.
func (c *Cypher) Run(ctx context.Context, query string, params map[string]any) ([]map[string]json.RawMessage, error) {
	if params == nil {
		params = map[string]any{}
	}
	body, err := json.Marshal(map[string]any{"statements": []any{map[string]any{"statement": query, "parameters": params}}})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/db/"+url.PathEscape(c.Database)+"/tx/commit", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.SetBasicAuth(c.User, c.Password)
	res, err := c.HTTP.Do(req)
	if err != nil {
		return nil, errNeo4jAway(c.URL, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, largestRows+1))
	switch {
	case err != nil:
		return nil, errNeo4jAway(c.URL, err)
	case len(raw) > largestRows:
		return nil, &StatementError{TooLarge: true}
	case res.StatusCode == http.StatusUnauthorized:
		return nil, errNeo4jRefuses(c.URL)
	}
	return rowsOf(raw, res.Status)
}

func rowsOf(raw []byte, status string) ([]map[string]json.RawMessage, error) {
	var got struct {
		Results []struct {
			Columns []string `json:"columns"`
			Data    []struct {
				Row []json.RawMessage `json:"row"`
			} `json:"data"`
		} `json:"results"`
		Errors []StatementError `json:"errors"`
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		return nil, fmt.Errorf("the Neo4j server answered %s and nothing that can be read", status)
	}
	if len(got.Errors) > 0 {
		return nil, &got.Errors[0]
	}
	out := []map[string]json.RawMessage{}
	for _, r := range got.Results {
		for _, d := range r.Data {
			row := map[string]json.RawMessage{}
			for i, v := range d.Row {
				if i < len(r.Columns) {
					row[r.Columns[i]] = v
				}
			}
			out = append(out, row)
		}
	}
	return out, nil
}
