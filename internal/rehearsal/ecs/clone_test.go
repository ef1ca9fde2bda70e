package ecs

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// TestCopiesShareNothing fills every field of an SDK structure, also of fields that a later SDK adds, and fails when
// a copy lost one or shares memory with the original.
func TestCopiesShareNothing(t *testing.T) {
	var definition types.TaskDefinition
	fill(reflect.ValueOf(&definition).Elem(), 0)
	copied := cloneDefinition(&definition)
	apart(t, "TaskDefinition", reflect.ValueOf(definition), reflect.ValueOf(copied))

	var rollout types.DeploymentConfiguration
	fill(reflect.ValueOf(&rollout).Elem(), 0)
	apart(t, "DeploymentConfiguration", reflect.ValueOf(rollout), reflect.ValueOf(*cloneRollout(&rollout)))

	var network types.NetworkConfiguration
	fill(reflect.ValueOf(&network).Elem(), 0)
	apart(t, "NetworkConfiguration", reflect.ValueOf(network), reflect.ValueOf(*cloneNetwork(&network)))

	var strategy []types.CapacityProviderStrategyItem
	fill(reflect.ValueOf(&strategy).Elem(), 0)
	apart(t, "Strategy", reflect.ValueOf(strategy), reflect.ValueOf(cloneStrategy(strategy)))

	if copied := cloneDefinition(&types.TaskDefinition{}); !reflect.DeepEqual(copied, types.TaskDefinition{}) {
		t.Errorf("a copy of nothing is something: %+v", copied)
	}
}

// TestRegistrationLosesNothing fills every field of a registration that a definition has too.
func TestRegistrationLosesNothing(t *testing.T) {
	in := registration("good")
	fill(reflect.ValueOf(in).Elem(), 0)
	stored := definitionOf(in)
	for i := range reflect.TypeOf(*in).NumField() {
		field := reflect.TypeOf(*in).Field(i)
		kept := reflect.ValueOf(stored).FieldByName(field.Name)
		if !field.IsExported() || field.Name == "Tags" {
			continue
		}
		if !kept.IsValid() || !reflect.DeepEqual(kept.Interface(), reflect.ValueOf(*in).Field(i).Interface()) {
			t.Errorf("field %s of a registration is lost", field.Name)
		}
	}
}

// fill gives every settable field a value that is not zero.
func fill(v reflect.Value, depth int) {
	if !v.CanSet() || depth > 12 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), depth+1)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key, depth+1)
		fill(value, depth+1)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Float64:
		v.SetFloat(1)
	}
}

// apart checks that b equals a and shares no memory with it.
func apart(t *testing.T, path string, a, b reflect.Value) {
	t.Helper()
	switch a.Kind() {
	case reflect.Pointer:
		if a.IsNil() != b.IsNil() {
			t.Errorf("%s is lost", path)
		} else if !a.IsNil() {
			if a.Pointer() == b.Pointer() {
				t.Errorf("%s is shared", path)
			}
			apart(t, path, a.Elem(), b.Elem())
		}
	case reflect.Struct:
		for i := range a.NumField() {
			if a.Type().Field(i).IsExported() {
				apart(t, path+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i))
			}
		}
	case reflect.Slice:
		if a.Len() != b.Len() {
			t.Errorf("%s is lost", path)
			return
		}
		if a.Len() > 0 && a.Pointer() == b.Pointer() {
			t.Errorf("%s is shared", path)
		}
		for i := range a.Len() {
			apart(t, path, a.Index(i), b.Index(i))
		}
	case reflect.Map:
		if a.Len() > 0 && a.Pointer() == b.Pointer() {
			t.Errorf("%s is shared", path)
		}
		if !reflect.DeepEqual(a.Interface(), b.Interface()) {
			t.Errorf("%s is lost", path)
		}
	default:
		if a.CanInterface() && !reflect.DeepEqual(a.Interface(), b.Interface()) {
			t.Errorf("%s is lost", path)
		}
	}
}
