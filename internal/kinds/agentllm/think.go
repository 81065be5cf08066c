package agentllm

import (
	"context"

	"github.com/woodwork-lang/ww/internal/kinds/chat"
)

// think asks the model for the next move.
func (r *run) think(ctx context.Context) (chat.Reply, error) {
	for {
		q := chat.Request{Messages: r.messages}
		if !r.text {
			q.Tools = r.tools.defs
		}
		if q.Tokens() > r.a.context && len(r.messages) > r.head {
			if err := r.sumUp(ctx); err != nil {
				return chat.Reply{}, err
			}
			continue
		}
		reply, err := r.askModel(ctx, q, r.stream)
		switch {
		case err != nil:
			return reply, err
		case reply.NoTools:
			r.text = true
			done := r.messages[r.head:] // by an earlier plan
			if err := r.begin(r.messages[1 : r.head-1]); err != nil {
				return reply, err
			}
			r.messages = append(r.messages, done...)
		case reply.TooLong:
			if len(r.messages) <= r.head {
				return reply, errTooLong(r.a.model)
			}
			if err := r.sumUp(ctx); err != nil {
				return reply, err
			}
		default:
			return reply, nil
		}
	}
}

// stream passes on what the model writes. Where it speaks text it may be thinking: the answer is passed on when it is
// known to be one.
func (r *run) stream(piece string) {
	if r.text {
		r.chunk("") // a sign of life
		return
	}
	r.streamed = true
	r.chunk(piece)
}

func (r *run) askModel(ctx context.Context, q chat.Request, stream func(string)) (chat.Reply, error) {
	request := q.Ask(r.a.model)
	request.Chunk = stream
	res, err := r.ask(ctx, request)
	if err != nil {
		return chat.Reply{}, err
	}
	reply, err := chat.ParseReply(res)
	if err != nil {
		return reply, errModelAnswer(r.a.model, err)
	}
	r.usage.Add(reply.Usage)
	return reply, nil
}

// unstream takes back what was streamed: it was a thought.
func (r *run) unstream() {
	if r.streamed {
		r.restart()
		r.streamed = false
	}
}
