package e2e

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"
)

// freePort is one that nobody has at this moment.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// A door is replaced under load: the next one gets its socket, and no request is refused or lost.
func TestADoorIsReplacedWithoutARefusedConnection(t *testing.T) {
	port := freePort(t)
	source := func(delay string) string {
		return "web = input api { port: " + port + ", max_hops: " + delay + " }\nbrain = llm echo { delay: \"5ms\" }\n"
	}
	p := newProject(t, source("60"))
	p.must("dev", "-d")
	defer p.must("down")
	stop := make(chan struct{})
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered, wrong := 0, []string{}
	for range 4 {
		wg.Go(func() {
			client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // each request is a new connection
			for {
				select {
				case <-stop:
					return
				default:
				}
				said := post(&client, port)
				mu.Lock()
				if said == "" {
					answered++
				} else {
					wrong = append(wrong, said)
				}
				mu.Unlock()
			}
		})
	}
	for i := range 3 {
		p.write("main.ww", source(strconv.Itoa(61+i)))
		p.must("reload")
		p.until("another generation", func() bool { return p.ps()["web"].Generation == i+2 })
	}
	close(stop)
	wg.Wait()
	if len(wrong) > 0 || answered == 0 {
		t.Errorf("%d answered, %d not, such as %q", answered, len(wrong), wrong[:min(len(wrong), 3)])
	}
	if log := p.must("logs", "web").out; strings.Count(log, "handed over") != 3 {
		t.Errorf("the socket was handed over %d times, want 3:\n%s", strings.Count(log, "handed over"), log)
	}
}

// post is empty when the turn was answered.
func post(client *http.Client, port string) string {
	resp, err := client.Post("http://127.0.0.1:"+port+"/input", "application/json", strings.NewReader(`{"input":"hi"}`))
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	var got struct{ Response, Error string }
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
		return err.Error()
	}
	if got.Response != "hi" {
		return resp.Status + ": " + got.Error
	}
	return ""
}

// A port that is taken: who has it, and what to do.
func TestAPortThatIsTakenNamesItsHolder(t *testing.T) {
	port := freePort(t)
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p := newProject(t, "web = input api { port: "+port+" }\nbrain = llm echo {}\n")
	got := p.start().end()
	want := "port " + port + " is already in use by pid " + strconv.Itoa(os.Getpid())
	if got.status == 0 || !strings.Contains(got.err, want) || !strings.Contains(got.err, "give this component another port") {
		t.Errorf("status %d, want one that is not 0 and %q in\n%s", got.status, want, got.err)
	}
	p.nothing()
}

// A conversation with an agent over a WebSocket: its events in their order, its question, its answer, its last word.
func TestAnAgentBehindADoor(t *testing.T) {
	port := freePort(t)
	p := newProject(t, "web = input api { port: "+port+", to: ag }\nm = llm openai { api_key: \"none\" }\nag = agent llm { model: m, tools: [] }\n")
	p.must("dev", "-d", "--offline")
	defer p.must("down")
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, _, err := websocket.Dial(ctx, "http://127.0.0.1:"+port+"/input?session_id=mine", nil) //nolint:bodyclose // it is the connection
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	say := func(v string) {
		t.Helper()
		if err := c.Write(ctx, websocket.MessageText, []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	say(`{"input":"call ask_user {\"question\": \"Which colour?\"}"}`)
	var order []string
	answer := ""
	for !slices.Contains(order, "turn.end") {
		_, b, err := c.Read(ctx)
		if err != nil {
			t.Fatalf("%v after %v", err, order)
		}
		var got struct {
			Event   string
			Session string `json:"session_id"`
			Payload struct {
				Request  string `json:"request_id"`
				Question string
				Data     json.RawMessage
			}
		}
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if got.Event == "stream.chunk" {
			continue
		}
		order = append(order, got.Event)
		switch got.Event {
		case "user.input.request":
			if got.Payload.Question != "Which colour?" {
				t.Errorf("asked %s", b)
			}
			say(`{"input":"red","request_id":"` + got.Payload.Request + `"}`)
		case "agent.response":
			answer = string(got.Payload.Data)
		}
	}
	// The answer of the user is told by the door, what the agent does with it by the agent: two processes, in either order.
	asked, told := slices.Index(order, "user.input.request"), slices.Index(order, "user.input.response")
	if told < asked {
		t.Errorf("the user's answer is told before the question: %v", order)
	}
	order = slices.DeleteFunc(order, func(e string) bool { return e == "user.input.response" })
	want := "session.connected input.received agent.thought agent.action tool.call user.input.request tool.observation agent.step_complete agent.response turn.end"
	if got := strings.Join(order, " "); got != want {
		t.Errorf("heard %s\nwant  %s", got, want)
	}
	if !strings.Contains(answer, "red") {
		t.Errorf("the answer is %q", answer)
	}
}
