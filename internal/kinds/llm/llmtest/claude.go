package llmtest

import "encoding/json"

func (s *stream) claude(asked object) {
	if s.reply.Status != 0 {
		s.json(s.reply.Status, object{"type": "error", "error": object{"type": "api_error", "message": s.reply.Error}})
		return
	}
	if !s.begin() {
		return
	}
	message := object{
		"id": "msg_1", "type": "message", "role": "assistant", "model": asked["model"], "content": []any{}, "stop_reason": nil, "stop_sequence": nil,
		"usage": object{"input_tokens": s.reply.In, "output_tokens": 1},
	}
	stop := "end_turn"
	if len(s.reply.Calls) > 0 {
		stop = "tool_use"
	}
	if s.reply.Whole {
		s.claudeWhole(message, stop)
		return
	}
	s.event("message_start", object{"type": "message_start", "message": message})
	s.event("ping", object{"type": "ping"})
	at := 0
	if len(s.reply.Pieces) > 0 {
		s.event("content_block_start", object{"type": "content_block_start", "index": at, "content_block": object{"type": "text", "text": ""}})
		for i, piece := range s.reply.Pieces {
			s.event("content_block_delta", object{"type": "content_block_delta", "index": at, "delta": object{"type": "text_delta", "text": piece}})
			if i == 0 && s.reply.Stall > 0 {
				s.stall()
			}
		}
		if s.reply.Cut {
			s.cut()
		}
		s.event("content_block_stop", object{"type": "content_block_stop", "index": at})
		at++
	}
	for _, c := range s.reply.Calls {
		half := len(c.Arguments) / 2
		s.event("content_block_start", object{"type": "content_block_start", "index": at, "content_block": object{"type": "tool_use", "id": c.ID, "name": c.Name, "input": object{}}})
		for _, part := range []string{"", c.Arguments[:half], c.Arguments[half:]} {
			s.event("content_block_delta", object{"type": "content_block_delta", "index": at, "delta": object{"type": "input_json_delta", "partial_json": part}})
		}
		s.event("content_block_stop", object{"type": "content_block_stop", "index": at})
		at++
	}
	s.event("message_delta", object{
		"type": "message_delta", "delta": object{"stop_reason": stop, "stop_sequence": nil}, "usage": object{"output_tokens": s.reply.Out},
	})
	s.event("message_stop", object{"type": "message_stop"})
}

func (s *stream) claudeWhole(message object, stop string) {
	var content []any
	text := ""
	for _, p := range s.reply.Pieces {
		text += p
	}
	if text != "" {
		content = append(content, object{"type": "text", "text": text})
	}
	for _, c := range s.reply.Calls {
		content = append(content, object{"type": "tool_use", "id": c.ID, "name": c.Name, "input": json.RawMessage(c.Arguments)})
	}
	message["content"], message["stop_reason"] = content, stop
	message["usage"] = object{"input_tokens": s.reply.In, "output_tokens": s.reply.Out}
	s.json(200, message)
}
