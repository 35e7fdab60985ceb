package history

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sotto/services/fault"
)

func TestEverythingIsCaughtUpInPages(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 2500)
		a.put(sent...)
		a.takes = 100 * time.Millisecond
		w.attach()
		p := w.sync("")
		if n := w.has(sent); n != len(sent) || p.Done != n || p.Total != n || p.Running || p.Server != "mail-01" {
			t.Errorf("%d of %d are here, %+v", n, len(sent), p)
		}
		if n := len(a.asked()); n != 3 || len(a.questions()) != 1 {
			t.Errorf("%d pages of %d questions", n, len(a.questions()))
		}
		if !slices.IsSortedFunc(w.order, order) {
			t.Error("not the oldest first")
		}
		if w.events == 0 || w.events > 3 {
			t.Errorf("%d events", w.events)
		}
		list, err := w.Coverage(t.Context(), lobby)
		if err != nil || len(list) != 1 || list[0].Server != a.Enode || time.Since(list[0].To) > overlap+2*time.Second ||
			time.Since(list[0].From) < 24*time.Hour {
			t.Errorf("coverage %+v %v", list, err)
		}
		if gaps, err := w.Gaps(t.Context(), ""); len(gaps) != 0 || err != nil {
			t.Errorf("gaps %+v %v", gaps, err)
		}
		if s := w.server(a); s.Failures != 0 || time.Since(s.Answered) > time.Minute || s.Trouble != "" || s.Name != "mail-01" {
			t.Errorf("server %+v", s)
		}
	})
}

// The count of questions is the measure: pokes, another server and new topics bring no more than they must.
func TestNothingIsAskedTwiceNeedlessly(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a, b := newArchive("mail-01"), newArchive("mail-02")
		b.Connected = false
		w := newWorld(t, a, b)
		defer w.close()
		w.attach()
		pass(time.Second)
		for range 20 {
			w.Changed()
			pass(100 * time.Millisecond)
		}
		if n := len(a.asked()); n != 1 {
			t.Errorf("%d questions at the beginning", n)
		}
		b.set(func(b *archive) { b.Connected = true })
		w.Changed()
		pass(time.Minute)
		if len(a.asked()) != 1 || len(b.asked()) != 1 {
			t.Errorf("%d and %d questions when another server came", len(a.asked()), len(b.asked()))
		}
		w.join("", Topic{2}, time.Now().Add(-time.Hour))
		w.Changed()
		pass(time.Minute)
		if len(a.asked()) != 2 || len(b.asked()) != 2 || !slices.Equal(a.asked()[1].Topics, []Topic{{2}}) {
			t.Errorf("when a topic came: %+v %+v", a.asked()[1:], b.asked()[1:])
		}
		pass(every)
		if len(a.asked()) != 3 || len(b.asked()) != 3 || len(a.asked()[2].Topics) != 2 {
			t.Errorf("after ten minutes: %+v", a.asked()[2:])
		}
		if from := time.Unix(int64(a.asked()[2].From), 0); time.Since(from) > every+2*overlap+time.Minute {
			t.Errorf("what was answered for is asked for again, from %v ago", time.Since(from))
		}
		w.kill()
		pass(time.Second)
		if from := time.Unix(int64(a.asked()[3].From), 0); len(a.asked()) != 4 || time.Since(from) > every {
			t.Errorf("after a restart: %+v", a.asked()[3:])
		}
	})
}

func TestTopicsWithTheSameGapAreOneQuestion(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.needs = nil
		for i := range 2*mostTopics + 50 {
			w.join("", Topic{5, byte(i), byte(i >> 8)}, time.Now().Add(-time.Hour))
		}
		w.attach()
		w.sync("")
		if asks := a.asked(); len(asks) != 3 || len(asks[0].Topics) != mostTopics || len(asks[2].Topics) != 50 {
			t.Errorf("%d questions", len(asks))
		}
	})
}

// A program that is killed between two pages goes on where it was.
func TestRestartInTheMiddleOfPaging(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer func() { w.close() }()
		sent := letters(lobbyTopic, time.Now().Add(-20*time.Hour), time.Now().Add(-time.Hour), 5500)
		a.put(sent...)
		a.takes = 10 * time.Second
		w.attach()
		pass(35 * time.Second) // three pages
		w.kill()
		w.sync("")
		if n := w.has(sent); n != len(sent) {
			t.Errorf("%d of %d are here", n, len(sent))
		}
		again := 0
		for _, n := range w.stored {
			again += n - 1
		}
		if again != 0 {
			t.Errorf("%d were opened twice", again)
		}
		if n := len(a.asked()); n != 3+1+3 { // the fourth was under way
			t.Errorf("%d pages", n)
		}
	})
}

// An envelope may come into the archive after we asked for the time at which it was sent.
// Whoever asks gets an answer of now, also where the last one is not a second old.
func TestAskingTwiceInASecond(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.attach()
		w.sync("")
		for n := range 5 {
			e := letter(lobbyTopic, time.Now(), n)
			a.put(e)
			if w.sync(""); w.has([]Envelope{e}) != 1 {
				t.Errorf("the %d. is not here", n)
			}
		}
	})
}

func TestLateEnvelopesAreFound(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.attach()
		w.sync("")
		late := letter(lobbyTopic, time.Now().Add(-overlap+10*time.Second), 1)
		a.put(late)
		pass(every)
		if w.has([]Envelope{late}) != 1 {
			t.Error("the late envelope is not here")
		}
	})
}

func TestClocksThatAreWrong(t *testing.T) {
	for _, offset := range []time.Duration{-time.Minute, time.Minute} {
		bubble(t, func(t *testing.T) {
			a := newArchive("mail-01")
			w := newWorld(t, a)
			defer w.close()
			w.offset = offset
			now := letter(lobbyTopic, time.Now(), 1)
			a.put(now)
			w.attach()
			w.sync("")
			late := letter(lobbyTopic, time.Now().Add(-30*time.Second), 2)
			a.put(late)
			if w.has([]Envelope{now}) != 1 {
				t.Errorf("%v: what was just written is not here", offset)
			}
			pass(every)
			if w.has([]Envelope{late}) != 1 {
				t.Errorf("%v: the late envelope is not here", offset)
			}
		})
	}
}

func TestAClockThatWasAhead(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.offset = time.Hour
		w.attach()
		w.sync("")
		w.mu.Lock()
		w.offset = 0
		w.mu.Unlock()
		pass(20 * time.Minute)
		e := letter(lobbyTopic, time.Now().Add(-time.Minute), 1)
		a.put(e)
		w.sync("")
		if w.has([]Envelope{e}) != 1 {
			t.Error("what was sent in the hour that the clock was ahead is not here")
		}
		if n := len(a.asked()); n > 6 {
			t.Errorf("asked %d times", n)
		}
	})
}

// Should answers change nothing, whatever the cause, no server is asked without end.
func TestAnswersThatChangeNothing(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.forgets = true
		w.attach()
		pass(time.Hour)
		if n := len(a.asked()); n > 100 {
			t.Errorf("asked %d times in an hour", n)
		}
	})
}

func TestComingBackAsksForWhatWasMissed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		w.attach()
		pass(time.Minute)
		a.set(func(a *archive) { a.Connected = false })
		w.Changed()
		pass(3 * time.Hour)
		e := letter(lobbyTopic, time.Now().Add(-time.Hour), 1)
		a.put(e)
		gaps, err := w.Gaps(t.Context(), "")
		if err != nil || len(gaps) != 1 || time.Since(gaps[0].From) < 3*time.Hour || !strings.HasPrefix(gaps[0].Text, "No mailserver is connected.") {
			t.Errorf("gaps %+v %v", gaps, err)
		}
		a.set(func(a *archive) { a.Connected = true })
		w.Changed()
		pass(time.Second)
		if w.has([]Envelope{e}) != 1 || len(a.asked()) != 2 {
			t.Errorf("%d questions", len(a.asked()))
		}
		for range 10 { // a line that comes and goes is no reason to ask all the time
			a.set(func(a *archive) { a.Connected = false })
			w.Changed()
			pass(time.Second)
			a.set(func(a *archive) { a.Connected = true })
			w.Changed()
			pass(time.Second)
		}
		if n := len(a.asked()); n > 4 {
			t.Errorf("%d questions when the line flaps", n)
		}
	})
}

func TestAChatFromBeforeItWasJoined(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		w := newWorld(t, a)
		defer w.close()
		old := letters(lobbyTopic, time.Now().Add(-29*24*time.Hour), time.Now().Add(-25*time.Hour), 50)
		a.put(old...)
		w.attach()
		w.sync("")
		if n := w.has(old); n != 0 {
			t.Errorf("%d came unasked", n)
		}
		if p := w.sync(lobby); w.has(old) != 50 || p.Chat != lobby || p.Done != 50 {
			t.Errorf("%d came, %+v", w.has(old), p)
		}
	})
}

func TestSyncThatCannotBe(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close()
		code := func(chat string) fault.Code {
			_, err := w.Sync(t.Context(), chat)
			return fault.CodeOf(err)
		}
		if code("") != fault.Locked {
			t.Error("while locked")
		}
		w.attach()
		if code("elsewhere") != fault.NoSuchChat {
			t.Error("a chat that is not there")
		}
		began := time.Now()
		if code("") != fault.NotAllowed || time.Since(began) > time.Second {
			t.Errorf("without servers, after %v", time.Since(began))
		}
		gaps, err := w.Gaps(t.Context(), lobby)
		if err != nil || len(gaps) != 1 || !strings.HasPrefix(gaps[0].Text, "No mailserver is known") {
			t.Errorf("gaps %+v %v", gaps, err)
		}
		a := newArchive("mail-01")
		a.Connected = false
		w.mu.Lock()
		w.servers = append(w.servers, a)
		w.mu.Unlock()
		began = time.Now()
		if code("") != fault.NotAllowed || time.Since(began) < patience {
			t.Errorf("without a connection, after %v", time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.Sync(ctx, ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("out of time: %v", err)
		}
		go func() {
			time.Sleep(5 * time.Second)
			a.set(func(a *archive) { a.Connected = true })
			w.Changed()
		}()
		w.sync("")
	})
}

func TestDetachEndsWhatRuns(t *testing.T) {
	bubble(t, func(t *testing.T) {
		a := newArchive("mail-01")
		a.takes = time.Hour
		w := newWorld(t, a)
		w.attach()
		ended := make(chan error, 1)
		go func() {
			_, err := w.Sync(context.Background(), "")
			ended <- err
		}()
		pass(time.Second)
		if !w.Progress(t.Context()).Running {
			t.Error("nothing runs")
		}
		w.close()
		synctest.Wait()
		if err := <-ended; fault.CodeOf(err) != fault.Locked {
			t.Errorf("got %v", err)
		}
		if s := w.Progress(t.Context()); s != (Progress{}) {
			t.Errorf("afterwards %+v", s)
		}
	})
}
