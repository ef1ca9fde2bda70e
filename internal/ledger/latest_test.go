package ledger

import (
	"reflect"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

// A state that is remembered must share nothing with what a caller may change: a slice that ownState forgets would let
// one invocation change what the next one loads. The walk fails as soon as State gains such a field.
func TestARememberedStateIsNobodyElses(t *testing.T) {
	var s release.State
	fillSlices(reflect.ValueOf(&s).Elem())
	own := ownState(s)
	if n := shared(t, "State", reflect.ValueOf(s), reflect.ValueOf(own)); n < 5 {
		t.Errorf("only %d slices were looked at", n)
	}
}

func fillSlices(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillSlices(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Map, reflect.Pointer:
		panic("ownState and this test know slices only")
	default:
	}
}

func shared(t *testing.T, path string, a, b reflect.Value) (looked int) {
	if a.Kind() == reflect.Slice {
		if a.Pointer() == b.Pointer() {
			t.Errorf("%s is shared", path)
		}
		return 1
	}
	if a.Kind() == reflect.Struct {
		for i := range a.NumField() {
			if field := a.Type().Field(i); field.IsExported() {
				looked += shared(t, path+"."+field.Name, a.Field(i), b.Field(i))
			}
		}
	}
	return looked
}
