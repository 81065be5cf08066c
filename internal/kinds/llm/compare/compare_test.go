// Package compare lets the services' own clients talk to the server that stands in for them in tests: what they
// understand is what the protocols are. A module of its own, so that nothing of theirs is in ww. Run: go test -C
// internal/kinds/llm/compare .
package compare

import (
	"net/http/httptest"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	aoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	ooption "github.com/openai/openai-go/v3/option"

	"github.com/woodwork-lang/ww/internal/kinds/llm/llmtest"
)

var answer = llmtest.Reply{
	Pieces: []string{"It is ", "grüß\nsunny"}, Calls: []llmtest.Call{{ID: "c1", Name: "look", Arguments: `{"at":"north pole"}`}}, In: 12, Out: 5,
}

func TestOpenAIsOwnClientUnderstandsTheServer(t *testing.T) {
	for _, whole := range []bool{false, true} {
		reply := answer
		reply.Whole = whole
		web := httptest.NewServer(llmtest.New(reply))
		defer web.Close()
		c := openai.NewClient(ooption.WithBaseURL(web.URL+"/v1/"), ooption.WithAPIKey("k"), ooption.WithMaxRetries(0))
		params := openai.ChatCompletionNewParams{
			Model: "m-1", Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage("weather?")},
			StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
		}
		var got openai.ChatCompletion
		if whole {
			params.StreamOptions = openai.ChatCompletionStreamOptionsParam{}
			all, err := c.Chat.Completions.New(t.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			got = *all
		} else {
			var sum openai.ChatCompletionAccumulator
			s := c.Chat.Completions.NewStreaming(t.Context(), params)
			for s.Next() {
				if !sum.AddChunk(s.Current()) {
					t.Errorf("a chunk that does not fit: %+v", s.Current())
				}
			}
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
			got = sum.ChatCompletion
		}
		m := got.Choices[0].Message
		if m.Content != "It is grüß\nsunny" || len(m.ToolCalls) != 1 || m.ToolCalls[0].Function.Arguments != `{"at":"north pole"}` ||
			got.Choices[0].FinishReason != "tool_calls" || got.Usage.PromptTokens != 12 || got.Model != "m-1" {
			t.Errorf("whole %t: %+v", whole, got)
		}
	}
}

func TestAnthropicsOwnClientUnderstandsTheServer(t *testing.T) {
	for _, whole := range []bool{false, true} {
		reply := answer
		reply.Whole = whole
		web := httptest.NewServer(llmtest.New(reply))
		defer web.Close()
		c := anthropic.NewClient(aoption.WithBaseURL(web.URL), aoption.WithAPIKey("k"), aoption.WithMaxRetries(0))
		params := anthropic.MessageNewParams{
			Model: "m-1", MaxTokens: 10, Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("weather?"))},
		}
		var got anthropic.Message
		if whole {
			all, err := c.Messages.New(t.Context(), params)
			if err != nil {
				t.Fatal(err)
			}
			got = *all
		} else {
			s := c.Messages.NewStreaming(t.Context(), params)
			for s.Next() {
				if err := got.Accumulate(s.Current()); err != nil {
					t.Errorf("an event that does not fit: %v", err)
				}
			}
			if err := s.Err(); err != nil {
				t.Fatal(err)
			}
		}
		if len(got.Content) != 2 || got.Content[0].Text != "It is grüß\nsunny" || got.Content[1].Name != "look" ||
			string(got.Content[1].Input) != `{"at":"north pole"}` || got.StopReason != "tool_use" || got.Usage.InputTokens != 12 {
			t.Errorf("whole %t: %+v", whole, got)
		}
	}
}
