package llmtest

import "io"

func (s *stream) openAI(asked object) {
	if s.reply.Status != 0 {
		s.json(s.reply.Status, object{"error": object{"message": s.reply.Error, "type": "error", "param": nil, "code": nil}})
		return
	}
	if !s.begin() {
		return
	}
	head := object{"id": "chatcmpl-1", "created": 1700000000, "model": asked["model"]}
	if s.reply.Whole {
		s.openAIWhole(head)
		return
	}
	send := func(delta object, finish any) {
		one := object{"object": "chat.completion.chunk", "choices": []any{object{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}}}
		for k, v := range head {
			one[k] = v
		}
		s.event("", one)
	}
	send(object{"role": "assistant", "content": ""}, nil)
	for i, piece := range s.reply.Pieces {
		send(object{"content": piece}, nil)
		if i == 0 && s.reply.Stall > 0 {
			s.stall()
		}
	}
	if s.reply.Cut {
		s.cut()
	}
	finish := "stop"
	for i, c := range s.reply.Calls {
		finish = "tool_calls"
		half := len(c.Arguments) / 2
		send(object{"tool_calls": []any{object{"index": i, "id": c.ID, "type": "function", "function": object{"name": c.Name, "arguments": ""}}}}, nil)
		send(object{"tool_calls": []any{object{"index": i, "function": object{"arguments": c.Arguments[:half]}}}}, nil)
		send(object{"tool_calls": []any{object{"index": i, "function": object{"arguments": c.Arguments[half:]}}}}, nil)
	}
	send(object{}, finish)
	if s.reply.In > 0 {
		one := object{"object": "chat.completion.chunk", "choices": []any{}, "usage": s.openAIUsage()}
		for k, v := range head {
			one[k] = v
		}
		s.event("", one)
	}
	io.WriteString(s.w, "data: [DONE]\n\n") //nolint:errcheck // the test sees what arrives
}

func (s *stream) openAIUsage() object {
	return object{"prompt_tokens": s.reply.In, "completion_tokens": s.reply.Out, "total_tokens": s.reply.In + s.reply.Out}
}

func (s *stream) openAIWhole(head object) {
	text, calls, finish := "", []any{}, "stop"
	for _, p := range s.reply.Pieces {
		text += p
	}
	for _, c := range s.reply.Calls {
		finish = "tool_calls"
		calls = append(calls, object{"id": c.ID, "type": "function", "function": object{"name": c.Name, "arguments": c.Arguments}})
	}
	message := object{"role": "assistant", "content": text, "refusal": nil}
	if len(calls) > 0 {
		message["tool_calls"] = calls
	}
	head["object"], head["usage"] = "chat.completion", s.openAIUsage()
	head["choices"] = []any{object{"index": 0, "message": message, "logprobs": nil, "finish_reason": finish}}
	s.json(200, head)
}
