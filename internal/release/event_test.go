package release

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// chain makes a story: o is an event that stays, l a look.
func chain(kinds string) (events []Event, head string) {
	at := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	for i, kind := range kinds {
		event := Event{Seq: int64(i + 1), At: at.Add(time.Duration(i) * time.Minute), Kind: EventProgress, Phase: Baking, Text: fmt.Sprint("line ", i), Prev: head}
		if kind == 'l' {
			event.Kind, event.Data = EventLook, json.RawMessage(`{"weight":10}`)
		}
		event.Hash = event.Sum()
		if event.Kind.Durable() {
			head = event.Hash
		}
		events = append(events, event)
	}
	return events, head
}

func TestVerifyChain(t *testing.T) {
	for name, c := range map[string]struct {
		kinds  string
		change func(events []Event, head string) ([]Event, string)
		broken int64
	}{
		"empty":                  {"", nil, 0},
		"whole":                  {"ooo", nil, 0},
		"with looks":             {"ololl", nil, 0},
		"only a look":            {"l", nil, 0},
		"looks have expired":     {"olollo", func(e []Event, h string) ([]Event, string) { return []Event{e[0], e[2], e[5]}, h }, 0},
		"one look has expired":   {"ollo", func(e []Event, h string) ([]Event, string) { return slices.Delete(e, 1, 2), h }, 0},
		"a text was changed":     {"ooo", func(e []Event, h string) ([]Event, string) { e[1].Text = "never said"; return e, h }, 2},
		"a look was changed":     {"olo", func(e []Event, h string) ([]Event, string) { e[1].Data = json.RawMessage(`{"weight":90}`); return e, h }, 2},
		"changed and hashed":     {"ooo", func(e []Event, h string) ([]Event, string) { e[1].Text = "x"; e[1].Hash = e[1].Sum(); return e, h }, 3},
		"the first is gone":      {"ooo", func(e []Event, h string) ([]Event, string) { return e[1:], h }, 2},
		"one within is gone":     {"ooo", func(e []Event, h string) ([]Event, string) { return slices.Delete(e, 1, 2), h }, 3},
		"the last is gone":       {"ooo", func(e []Event, h string) ([]Event, string) { return e[:2], h }, 3},
		"all are gone":           {"ooo", func(_ []Event, h string) ([]Event, string) { return nil, h }, 1},
		"two have changed place": {"ooo", func(e []Event, h string) ([]Event, string) { e[0], e[1] = e[1], e[0]; return e, h }, 2},
		"one was put in": {"oo", func(e []Event, h string) ([]Event, string) {
			extra := Event{Seq: 2, Kind: EventProgress, Text: "put in", Prev: e[0].Hash}
			extra.Hash = extra.Sum()
			return slices.Insert(e, 1, extra), h
		}, 2},
		"the head says otherwise": {"oo", func(e []Event, _ string) ([]Event, string) { return e, "0000" }, 3},
		"a story without a head":  {"oo", func(e []Event, _ string) ([]Event, string) { return e, "" }, 3},
	} {
		t.Run(name, func(t *testing.T) {
			events, head := chain(c.kinds)
			if c.change != nil {
				events, head = c.change(events, head)
			}
			if broken, ok := VerifyChain(events, head); ok != (c.broken == 0) || broken != c.broken {
				t.Errorf("broken at %d, ok %v; want %d", broken, ok, c.broken)
			}
		})
	}
}

// The hash covers every field, and an event that was written as JSON and read back has the same.
func TestSum(t *testing.T) {
	whole := Event{
		Seq: 3, At: time.Date(2026, 1, 5, 9, 0, 0, 1, time.UTC), Kind: EventLook, Phase: Baking, Step: 1, Epoch: 2,
		Text: "</script> & é", Data: json.RawMessage(`{"weight":10.5}`), Prev: "abc",
	}
	changes := map[string]func(*Event){
		"seq": func(e *Event) { e.Seq++ }, "at": func(e *Event) { e.At = e.At.Add(1) }, "kind": func(e *Event) { e.Kind = EventPhase },
		"phase": func(e *Event) { e.Phase = Shifting }, "step": func(e *Event) { e.Step++ }, "epoch": func(e *Event) { e.Epoch++ },
		"text": func(e *Event) { e.Text += " " }, "data": func(e *Event) { e.Data = nil }, "prev": func(e *Event) { e.Prev = "" },
	}
	for field, change := range changes {
		other := whole
		if change(&other); other.Sum() == whole.Sum() {
			t.Errorf("%s is not covered", field)
		}
	}
	hashed := whole
	hashed.Hash = whole.Sum()
	if hashed.Sum() != whole.Sum() {
		t.Error("the hash covers itself")
	}
	doc, err := json.Marshal(hashed)
	if err != nil {
		t.Fatal(err)
	}
	var read Event
	if err := json.Unmarshal(doc, &read); err != nil || read.Sum() != hashed.Hash {
		t.Errorf("read back: %v, %s instead of %s", err, read.Sum(), hashed.Hash)
	}
}

// Whatever looks are gone, a chain holds; whatever else is gone or changed, it breaks.
func TestChainsHoldWithoutTheirLooks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, head := chain(rapid.StringMatching(`o[ol]{0,12}`).Draw(t, "story"))
		kept := slices.DeleteFunc(slices.Clone(events), func(e Event) bool {
			return !e.Kind.Durable() && rapid.Bool().Draw(t, "expired")
		})
		if broken, ok := VerifyChain(kept, head); !ok {
			t.Fatalf("without some looks it breaks at %d", broken)
		}
		i := rapid.IntRange(0, len(kept)-1).Draw(t, "which")
		changed := slices.Clone(kept)
		changed[i].Text += "!"
		if broken, ok := VerifyChain(changed, head); ok || broken != kept[i].Seq {
			t.Fatalf("event %d was changed and it breaks at %d, ok %v", kept[i].Seq, broken, ok)
		}
		if kept[i].Kind.Durable() {
			if _, ok := VerifyChain(slices.Delete(slices.Clone(kept), i, i+1), head); ok {
				t.Fatalf("event %d is gone and nobody sees it", kept[i].Seq)
			}
		}
	})
}

func FuzzVerifyChain(f *testing.F) {
	events, head := chain("olo")
	doc, err := json.Marshal(events)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(doc, head)
	f.Add([]byte(`[{"data":"<"}]`), "")
	f.Fuzz(func(t *testing.T, doc []byte, head string) {
		var events []Event
		if json.Unmarshal(doc, &events) != nil {
			t.Skip()
		}
		broken, ok := VerifyChain(events, head)
		if ok && broken != 0 || ok && len(events) == 0 && head != "" {
			t.Errorf("%d, %v", broken, ok)
		}
	})
}
