package fault

// Point names a place in the program at which an order may act.
type Point string

// The points at the records of a partition. Each kind of record has two: right before the append that has a record of
// the kind, and right after. Those of a receipt (the START and OUT of a call that changes the world) are apart.
const (
	receiptStart = "receipt.start"
	receiptOut   = "receipt.out"
)

// Now is no place: what is ordered for it happens when the order comes. It can only end the process.
const Now Point = "now"

// The points of the protocol, in the order in which a turn meets them.
const (
	SubmitBefore  Point = "submit.before"
	SubmitAfter   Point = "submit.after"
	Receive       Point = "receive"
	AckBefore     Point = "ack.before"
	AckAfter      Point = "ack.after"
	HandleBefore  Point = "handle.before"
	HandleAfter   Point = "handle.after"
	CallBefore    Point = "call.before"
	CallAfter     Point = "call.after"
	AnswerBefore  Point = "answer.before"
	AnswerAfter   Point = "answer.after"
	SendBefore    Point = "send.before"
	SendAfter     Point = "send.after"
	Settle        Point = "settle"
	ReportBefore  Point = "report.before"
	ReportAfter   Point = "report.after"
	TellBefore    Point = "tell.before"
	TellAfter     Point = "tell.after"
	CheckpointDue Point = "checkpoint.before"
	Checkpointed  Point = "checkpoint.after"
)

// The points of an instance's life.
const (
	PartitionBefore Point = "partition.before"
	PartitionAfter  Point = "partition.after"
	ReleaseBefore   Point = "release.before"
	ReleaseAfter    Point = "release.after"
	LeaseBefore     Point = "lease.before"
	LeaseAfter      Point = "lease.after"
	BindBefore      Point = "bind.before"
	BindRename      Point = "bind.rename"
	BindAfter       Point = "bind.after"
	RecordRename    Point = "record.rename"
	RecordAfter     Point = "record.after"
	RecoverBefore   Point = "recover.before"
	RecoverAfter    Point = "recover.after"
	DrainBefore     Point = "drain.before"
	DrainAfter      Point = "drain.after"
)

// The points at the disk of a journal, each before the operation. Only here an order may be an error.
const (
	DiskCreate   Point = "disk.create"
	DiskWrite    Point = "disk.write"
	DiskSync     Point = "disk.sync"
	DiskRename   Point = "disk.rename"
	DiskTruncate Point = "disk.truncate"
	DiskRemove   Point = "disk.remove"
)

// Info is a point and what is true there.
type Info struct {
	Point Point
	Where string
}

// recordKinds are the kinds of record as their points call them, in the order of docs/delivery.md.
var recordKinds = [...]string{"turn", "in", "start", "intent", "step", "out", "sent", "skip", "cancel", "dead", "end", "ckpt", receiptStart, receiptOut}

// Before is the point right before the append of a record; kind is one word of docs/delivery.md in small letters.
func Before(kind string) Point { return Point(kind + ".before") }

// After is the point right after the append of a record.
func After(kind string) Point { return Point(kind + ".after") }

// Receipt is the kind that the points of a call's START or OUT use.
func Receipt(start bool) string {
	if start {
		return receiptStart
	}
	return receiptOut
}

// Table lists every point. What is not in it cannot be ordered.
func Table() []Info {
	out := make([]Info, 0, 2*len(recordKinds)+len(others))
	for _, k := range recordKinds {
		out = append(out,
			Info{Before(k), "an append with a record " + k + " is about to be written"},
			Info{After(k), "an append with a record " + k + " is in the file, and nothing followed from it yet"})
	}
	return append(out, others[:]...)
}

var others = [...]Info{
	{SubmitBefore, "a submit is in the journal, and its sender has not been told"},
	{SubmitAfter, "a submit's sender has been told that it is accepted"},
	{Receive, "chain messages were read from a connection, and the journal has none of them"},
	{AckBefore, "chain messages are in the journal, and no ACK has left"},
	{AckAfter, "the ACKs of a read have left"},
	{HandleBefore, "a START is in the journal, and the handler has not been called"},
	{HandleAfter, "the handler is done, and its OUT is not in the journal"},
	{CallBefore, "an INTENT is in the journal, and its request has not left"},
	{CallAfter, "the answer to a request is here, and its STEP is not in the journal"},
	{AnswerBefore, "a request of another component was worked on, and its answer has not left"},
	{AnswerAfter, "the answer to another component's request has left"},
	{SendBefore, "an outgoing message is in the journal, and has not left"},
	{SendAfter, "an outgoing message has been handed to the connection"},
	{Settle, "the verdict on an outgoing message is here, and nothing has been made of it"},
	{ReportBefore, "a report to the acceptor is in the journal, and has not left"},
	{ReportAfter, "a report to the acceptor has been handed to the connection"},
	{TellBefore, "an END is in the journal, and nobody has been told"},
	{TellAfter, "whoever awaited a turn has been told its END"},
	{CheckpointDue, "a checkpoint is about to be written"},
	{Checkpointed, "a checkpoint has taken the place of the older segments"},
	{PartitionBefore, "a partition is about to be locked and read back"},
	{PartitionAfter, "a partition has been read back, and nothing was done about it"},
	{ReleaseBefore, "a partition that another instance should have is about to be given back"},
	{ReleaseAfter, "a partition has been given back, and nobody has been told"},
	{LeaseBefore, "the lease is about to be taken"},
	{LeaseAfter, "the lease is held, and there is no socket"},
	{BindBefore, "the socket is about to be bound"},
	{BindRename, "the socket is bound under its temporary name"},
	{BindAfter, "the socket has its name"},
	{RecordRename, "a record is written under its temporary name"},
	{RecordAfter, "a record has its name"},
	{RecoverBefore, "the component is ready, and has not taken up what the last instance left"},
	{RecoverAfter, "what the last instance left has been taken up"},
	{DrainBefore, "the component was told to end, and has not begun to"},
	{DrainAfter, "the component has ended its work, and still has its lease"},
	{DiskCreate, "a segment's file is about to be made"},
	{DiskWrite, "records are about to be written"},
	{DiskSync, "a file or directory is about to be synced"},
	{DiskRename, "a complete segment is about to get its name"},
	{DiskTruncate, "a failed write is about to be taken back"},
	{DiskRemove, "an old segment is about to be removed"},
}
