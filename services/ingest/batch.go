package ingest

// item is what waits in the queue: an envelope or, where flush is set, a mark between envelopes.
type item struct {
	envelope Envelope
	flush    *flush
}

// batch is the items of one transaction and what came of them.
type batch struct {
	list    []item
	counts  Counts
	effects Effects
}

// more adds one item that is queued now, if any. It does not wait.
func (b *batch) more(queue <-chan item) {
	select {
	case e := <-queue:
		b.list = append(b.list, e)
	default:
	}
}

// tell lets those who wait for the batch know that it is committed.
func (b *batch) tell() {
	for _, i := range b.list {
		if i.flush != nil {
			i.flush.done <- i.flush.err
		}
	}
}

// lost counts the envelopes of a batch that was not stored, and lets those who wait for it know.
func (b *batch) lost() (envelopes uint64) {
	for _, i := range b.list {
		if i.flush == nil {
			envelopes++
		} else {
			i.flush.done <- ErrEnded
		}
	}
	return envelopes
}
