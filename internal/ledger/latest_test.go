package ledger

import (
	"reflect"
	"testing"

	"github.com/serin-aws/serin/internal/release"
)

// A state that is remembered must share nothing with what a caller may change: a slice or a pointer that own forgets
// would let one invocation change what the next one loads. The walk fails as soon as State gains such a field.
func TestARememberedStateIsNobodyElses(t *testing.T) {
	var s release.State
	fill(reflect.ValueOf(&s).Elem())
	mine := s
	own(&mine)
	if n := shared(t, "State", reflect.ValueOf(s), reflect.ValueOf(mine)); n < 5 {
		t.Errorf("only %d slices and pointers were looked at", n)
	}
}

// fill puts something into every slice and pointer, and into what is in those.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Map:
		panic("own and this test know slices and pointers only")
	default:
	}
}

// shared says which slices and pointers a and b have in common, and counts those that it looked at.
func shared(t *testing.T, path string, a, b reflect.Value) (looked int) {
	switch a.Kind() {
	case reflect.Struct:
		for i := range a.NumField() {
			if field := a.Type().Field(i); field.IsExported() {
				looked += shared(t, path+"."+field.Name, a.Field(i), b.Field(i))
			}
		}
		return looked
	case reflect.Slice, reflect.Pointer:
		if a.Pointer() == b.Pointer() {
			t.Errorf("%s is shared", path)
			return 1
		}
		if a.Kind() == reflect.Pointer {
			return 1 + shared(t, path, a.Elem(), b.Elem())
		}
		return 1 + shared(t, path+"[0]", a.Index(0), b.Index(0))
	default:
		return 0
	}
}
