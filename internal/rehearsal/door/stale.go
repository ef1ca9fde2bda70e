package door

import (
	"reflect"
	"slices"
	"strings"
	"time"
)

// answer is what a read was answered, and when.
type answer struct {
	at      time.Time
	in, out any
}

// Remember lets the door keep the answers of eventually consistent reads, so that a disturbance can give one again.
func (d *Door) Remember() { d.stale = map[string][]answer{} }

// eventuallyConsistent reports whether AWS promises of a read only that it sees a change sooner or later. DynamoDB says
// in each call what it wants, and the simulated table draws that itself.
func eventuallyConsistent(action string) bool {
	service, operation, _ := strings.Cut(action, ":")
	return service != "dynamodb" && service != "ssm" && (strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "List") || strings.HasPrefix(operation, "Get"))
}

// again returns the last answer to the same question if it is no older than stale, and otherwise out, which is the last
// one from now on.
func again[Out any](d *Door, action string, in any, out Out, stale time.Duration) Out {
	now := d.loop.Now()
	if v := reflect.ValueOf(in); v.Kind() == reflect.Pointer { // the caller may ask for the next page with the same one
		in = v.Elem().Interface()
	}
	given := slices.DeleteFunc(d.stale[action], func(a answer) bool { return now.Sub(a.at) > oldest })
	d.stale[action] = given
	if stale > 0 {
		for _, a := range slices.Backward(given) {
			if same, ok := a.out.(Out); ok && now.Sub(a.at) <= stale && reflect.DeepEqual(a.in, in) {
				return same
			}
		}
	}
	d.stale[action] = append(given, answer{now, in, out})
	return out
}

// oldest is how long answers are remembered.
const oldest = 20 * time.Second
