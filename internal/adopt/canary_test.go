package adopt

import (
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/goccy/go-yaml"
)

// back reads what properties wrote into the SDK's type again.
func back(t *testing.T, value any, into reflect.Value) {
	t.Helper()
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		back(t, value, into.Elem())
	case reflect.Struct:
		fields, _ := value.(map[string]any)
		taken := 0
		for i := range into.NumField() {
			name := into.Type().Field(i).Name
			if other, ok := renamed[into.Type().Name()+"."+name]; ok {
				name = other
			}
			if item, ok := fields[name]; ok {
				back(t, item, into.Field(i))
				taken++
			}
		}
		if taken != len(fields) {
			t.Errorf("%s has fields that the SDK does not know: %v", into.Type().Name(), fields)
		}
	case reflect.Slice:
		list, _ := value.([]any)
		into.Set(reflect.MakeSlice(into.Type(), len(list), len(list)))
		for i, item := range list {
			back(t, item, into.Index(i))
		}
	case reflect.Map:
		into.Set(reflect.MakeMap(into.Type()))
		fields, _ := value.(map[string]any)
		for key, item := range fields {
			element := reflect.New(into.Type().Elem()).Elem()
			back(t, item, element)
			into.SetMapIndex(reflect.ValueOf(key), element)
		}
	default:
		into.Set(reflect.ValueOf(value).Convert(into.Type()))
	}
}

// full fills every field of a type, so that one which is forgotten shows.
func full(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		full(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				full(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		full(v.Index(0))
	case reflect.Map:
		element := reflect.New(v.Type().Elem()).Elem()
		full(element)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("Iam"), element)
	case reflect.String:
		v.SetString("Properties: yes # $")
	case reflect.Int32:
		v.SetInt(7)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// propertiesOf reads a resource of the canary's template.
func propertiesOf(t *testing.T, w Worker, id string) map[string]any {
	t.Helper()
	text, err := w.Canary()
	if err != nil {
		t.Fatal(err)
	}
	var template struct {
		Resources map[string]struct {
			Properties map[string]any `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	return template.Resources[id].Properties
}

// Whatever a task definition says, the canary's says too, but for the family, the image and its own service's name.
func TestDefinitionIsCopiedWhole(t *testing.T) {
	var whole ecs.RegisterTaskDefinitionInput
	full(reflect.ValueOf(&whole).Elem())
	whole.ContainerDefinitions = append(whole.ContainerDefinitions, standard().found.Registration.ContainerDefinitions[0])
	a := standard()
	a.found.Registration = &whole
	w := a.survey(t, Request{Cluster: "prod", Service: "orders-worker", Container: "worker"})
	definition := propertiesOf(t, w, "CanaryDefinition")
	containers, _ := definition["ContainerDefinitions"].([]any)
	released, _ := containers[1].(map[string]any)
	branches, _ := released["Image"].(map[string]any)["Fn::If"].([]any)
	if len(branches) != 3 || branches[0] != "Released" {
		t.Fatalf("the image is %v", released["Image"])
	}
	released["Image"] = branches[2]
	var got ecs.RegisterTaskDefinitionInput
	back(t, definition, reflect.ValueOf(&got).Elem())
	if *got.Family != "orders-worker-canary" {
		t.Errorf("family %s", *got.Family)
	}
	got.Family = whole.Family
	whole.ContainerDefinitions[1].Environment[1].Value = text("orders-worker-canary") // it knows its own service
	if want := properties(whole); !reflect.DeepEqual(properties(got), want) || !reflect.DeepEqual(got, whole) {
		t.Errorf("%v\n%v", properties(got), want)
	}
}

// From the first release on the template moves neither the canary's definition nor its image nor its number of tasks.
func TestCanaryIsLeftAlone(t *testing.T) {
	service := propertiesOf(t, standard().survey(t, orders), "Canary")
	if _, counted := service["DesiredCount"]; counted {
		t.Error("it sets the number of tasks")
	}
	branches, _ := service["TaskDefinition"].(map[string]any)["Fn::If"].([]any)
	if len(branches) != 3 || !reflect.DeepEqual(branches[1], map[string]any{"Fn::Select": []any{uint64(2), map[string]any{"Ref": "Live"}}}) {
		t.Errorf("%v", service["TaskDefinition"])
	}
}
