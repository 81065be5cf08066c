package component

import (
	"encoding/json"
	"strings"

	"github.com/woodwork-lang/ww/internal/bus"
	"github.com/woodwork-lang/ww/internal/delivery"
	"github.com/woodwork-lang/ww/internal/event"
	"github.com/woodwork-lang/ww/internal/fault"
	"github.com/woodwork-lang/ww/internal/journal"
)

// at is a seam of the runner; see package fault.
func (r *Runner) at(p fault.Point) { r.faults.At(p) }

// appending is the seams before or after an append, one for each kind of record in it.
func (r *Runner) appending(recs []delivery.Record, point func(kind string) fault.Point) {
	if !r.faults.On() {
		return
	}
	for i := range recs {
		r.at(point(kindOf(&recs[i])))
	}
}

func kindOf(rec *delivery.Record) string {
	if (rec.Kind == delivery.Start || rec.Kind == delivery.Out) && delivery.IsReceipt(rec) {
		return fault.Receipt(rec.Kind == delivery.Start)
	}
	return strings.ToLower(rec.Kind.String())
}

// sending is the seams before and after a message is handed to its link.
func (r *Runner) sending(m *event.Message, send, report fault.Point) {
	if !r.faults.On() {
		return
	}
	if delivery.IsReport(m.Type) {
		r.at(report)
		return
	}
	r.at(send)
}

// inlineFaults is the seam before an inline kind's work, for orders that have an end: what waits here holds its partition.
// The others count the passes at which a START is in the journal, and here is none.
func (r *Runner) inlineFaults(m *event.Message) {
	if r.faults.On() {
		r.faults.Wait(fault.HandleBefore, m.Source)
	}
}

// diskFault is the seams at a journal's disk.
func (r *Runner) diskFault() journal.Fault {
	points := map[journal.Op]fault.Point{
		journal.OpCreate: fault.DiskCreate, journal.OpWrite: fault.DiskWrite, journal.OpSync: fault.DiskSync, journal.OpSyncDir: fault.DiskSync,
		journal.OpRename: fault.DiskRename, journal.OpTruncate: fault.DiskTruncate, journal.OpRemove: fault.DiskRemove,
	}
	return func(op journal.Op, path string, size int) (int, error) {
		if r.disk != nil {
			return r.disk(op, path, size)
		}
		if !r.faults.On() {
			return size, nil
		}
		return r.faults.Disk(points[op], size)
	}
}

// arm takes orders for the seams of this process.
func (r *Runner) arm(req bus.Request, m event.Message) {
	var orders []fault.Order
	err := json.Unmarshal(m.Body, &orders)
	if err == nil {
		err = r.faults.Arm(orders)
	}
	if err != nil {
		req.Fail(bus.Refused, err.Error())
		return
	}
	r.log.Warn("faults were ordered", "orders", len(orders))
	req.Reply(event.Message{})
	r.faults.Strike()
}
