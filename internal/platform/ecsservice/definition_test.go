package ecsservice

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/smithy-go"
	"github.com/go-json-experiment/json"

	"github.com/serin-aws/serin/internal/platform/ecsservice/ecsservicetest"
	"github.com/serin-aws/serin/internal/release"
)

// What ECS fills in itself and does not take back.
var readOnly = []string{
	"TaskDefinitionArn", "Revision", "Status", "RequiresAttributes", "Compatibilities",
	"RegisteredAt", "RegisteredBy", "DeregisteredAt", "DeleteRequestedAt",
}

// A field that the SDK gains and the copy forgets would silently change every workload that is released.
func TestRegistrationCopiesEveryField(t *testing.T) {
	var full types.TaskDefinition
	fill(t, reflect.ValueOf(&full).Elem(), 0)
	in := reflect.ValueOf(*Registration(&full, []types.Tag{{Key: aws.String("team"), Value: aws.String("orders")}}))
	from := reflect.ValueOf(full)
	for i := range from.NumField() {
		field := from.Type().Field(i)
		if !field.IsExported() || slices.Contains(readOnly, field.Name) {
			continue
		}
		copied := in.FieldByName(field.Name)
		if !copied.IsValid() {
			t.Errorf("RegisterTaskDefinition does not take TaskDefinition.%s: is it read-only?", field.Name)
			continue
		}
		if !reflect.DeepEqual(copied.Interface(), from.Field(i).Interface()) {
			t.Errorf("TaskDefinition.%s is not copied", field.Name)
		}
	}
	for i := range in.NumField() {
		if field := in.Type().Field(i); field.IsExported() && in.Field(i).IsZero() {
			t.Errorf("RegisterTaskDefinitionInput.%s is not set from anything", field.Name)
		}
	}
}

// fill sets every field to something that is not its zero value.
func fill(t *testing.T, v reflect.Value, depth int) {
	if depth > 8 {
		return
	}
	switch v.Kind() {
	case reflect.Interface: // the one union of a task definition
		v.Set(reflect.ValueOf(&types.SharingStrategyMemberNvidiaMps{Value: types.NvidiaMpsAllocation{}}))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem(), depth+1)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(t, v.Field(i), depth+1)
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf("key"), reflect.ValueOf("value"))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	default:
		t.Fatalf("no value for %s", v.Type())
	}
}

// The copy may be changed without changing what was read.
func TestPinLeavesTheOriginal(t *testing.T) {
	d := types.TaskDefinition{ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("worker"), Image: aws.String("a:1")}}}
	in := Registration(&d, nil)
	PinImages(in, map[string]string{"worker": "a@b"})
	if got := aws.ToString(d.ContainerDefinitions[0].Image); got != "a:1" {
		t.Errorf("the original's image is now %s", got)
	}
	if got := aws.ToString(in.ContainerDefinitions[0].Image); got != "a@b" {
		t.Errorf("the copy's image is %s", got)
	}
}

func TestTagsOfACopy(t *testing.T) {
	tags := []types.Tag{
		{Key: aws.String("team"), Value: aws.String("orders")},
		{Key: aws.String("aws:cloudformation:stack-name"), Value: aws.String("x")}, // only AWS may write it
		{Key: aws.String("AWS:x"), Value: aws.String("x")},
		{Key: aws.String(release.TagRelease), Value: aws.String("r-earlier")}, // the baseline was itself released by serin
		{Key: aws.String(release.TagFor), Value: aws.String("canary")},
	}
	in := Registration(&types.TaskDefinition{}, tags)
	label(in, &release.Release{Snapshot: release.Snapshot{ID: "r-1", Target: release.Target{Name: "orders"}}}, forPrimary)
	var got []string
	for _, tag := range in.Tags {
		got = append(got, aws.ToString(tag.Key)+"="+aws.ToString(tag.Value))
	}
	want := []string{"team=orders", "serin:release=r-1", "serin:target=orders", "serin:for=primary"}
	if !slices.Equal(got, want) {
		t.Errorf("tags %v, want %v", got, want)
	}
}

// The tree of a registration is what JSON makes of it, whatever fields the SDK has: hashes of it stand in ledgers.
func TestTreeIsThatOfJSON(t *testing.T) {
	var full ecs.RegisterTaskDefinitionInput
	fill(t, reflect.ValueOf(&full).Elem(), 0)
	full.Tags = nil
	for name, in := range map[string]*ecs.RegisterTaskDefinitionInput{"every field": &full, "a worker": ecsservicetest.WorkerDefinition("a")} {
		bare := *in
		bare.Tags = nil
		text, err := json.Marshal(bare, json.OmitZeroStructFields(true))
		if err != nil {
			t.Fatal(err)
		}
		var read any
		if err := json.Unmarshal(text, &read); err != nil {
			t.Fatal(err)
		}
		if got, want := tree(in), filled(read); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: the tree is %v; by JSON it is %v", name, got, want)
		}
	}
}

// filled is what JSON made of a registration, without what is empty and with named things by their names.
func filled(node any) any {
	switch node := node.(type) {
	case map[string]any:
		left := map[string]any{}
		for key, child := range node {
			put(left, key, filled(child))
		}
		return left
	case []any:
		list := make([]any, len(node))
		for i := range node {
			list[i] = filled(node[i])
		}
		return byName(list)
	}
	return node
}

// The hash tells workloads apart and nothing else.
func TestHash(t *testing.T) {
	base := hash(ecsservicetest.WorkerDefinition("a"))
	same := ecsservicetest.WorkerDefinition("a")
	same.Tags = nil
	slices.Reverse(same.ContainerDefinitions)
	slices.Reverse(same.ContainerDefinitions[1].Environment)
	same.ContainerDefinitions[0].Links = []string{}
	if hash(same) != base {
		t.Error("order of containers and variables, tags or an empty list change the hash")
	}
	other := ecsservicetest.WorkerDefinition("a")
	other.ContainerDefinitions[0].Environment[1].Value = aws.String("changed")
	if hash(other) == base {
		t.Error("a changed variable does not change the hash")
	}
	protected := ecsservicetest.WorkerDefinition("a")
	protected.ContainerDefinitions[0].ReadonlyRootFilesystem = aws.Bool(false)
	if hash(protected) == base {
		t.Error("false is not the same as absent")
	}
}

func TestDifferencesNameNoValue(t *testing.T) {
	a, b := ecsservicetest.WorkerDefinition("orders-worker"), ecsservicetest.WorkerDefinition("orders-worker-canary")
	own := names{primary: "orders-worker", canary: "orders-worker-canary"}
	if got := differences(tree(a), tree(b), own); len(got) > 0 {
		t.Errorf("explained differences are reported: %v", got)
	}
	b.ContainerDefinitions[0].Environment = append(b.ContainerDefinitions[0].Environment, types.KeyValuePair{Name: aws.String("CANARY"), Value: aws.String(ecsservicetest.SecretValue)})
	b.ContainerDefinitions[0].Secrets[0].ValueFrom = aws.String("arn:other")
	b.ContainerDefinitions[0].Command = []string{"run", ecsservicetest.SecretValue}
	a.ContainerDefinitions[0].Command = []string{"run", "x"}
	b.ContainerDefinitions = append(b.ContainerDefinitions, types.ContainerDefinition{Name: aws.String("extra")})
	a.ContainerDefinitions[0].LogConfiguration.Options["mode"] = "blocking"
	got := differences(tree(a), tree(b), own)
	want := []string{
		"containerDefinitions.extra", "containerDefinitions.worker.command[1]", "containerDefinitions.worker.environment.CANARY",
		"containerDefinitions.worker.logConfiguration.options.mode", "containerDefinitions.worker.secrets.DB.valueFrom",
	}
	if !slices.Equal(got, want) {
		t.Errorf("differences %v, want %v", got, want)
	}
	if got := listed([]string{"a", "b", "c", "d", "e", "f", "g", "h"}); got != "a, b, c, d, e, f and 2 more" {
		t.Errorf("listed %q", got)
	}
}

// ECS may repeat a part of a registration in its answer.
func TestRedacted(t *testing.T) {
	in := ecsservicetest.WorkerDefinition("orders-worker")
	err := redacted("register", &smithy.GenericAPIError{Code: "ClientException", Message: "bad value " + ecsservicetest.SecretValue + " from arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-db-AbCdEf"}, in)
	if strings.Contains(err.Error(), ecsservicetest.SecretValue) || strings.Contains(err.Error(), "orders-db") || release.CodeOf(err) != release.Invalid {
		t.Errorf("%v", err)
	}
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(cause.Error(), ecsservicetest.SecretValue) {
			t.Errorf("a cause prints the value: %v", cause)
		}
	}
}

// A task definition released to the primary becomes the canary's own.
func TestCanaryOf(t *testing.T) {
	primary, canary := ecsservicetest.WorkerDefinition("orders-worker"), ecsservicetest.WorkerDefinition("orders-worker-canary")
	next := ecsservicetest.WorkerDefinition("orders-worker")
	next.Memory = aws.String("1024")
	next.ContainerDefinitions[0].Environment = append(next.ContainerDefinitions[0].Environment, types.KeyValuePair{Name: aws.String("NEW"), Value: aws.String("1")})
	next.ContainerDefinitions = append(next.ContainerDefinitions, types.ContainerDefinition{Name: aws.String("extra"), Image: aws.String("e:1")})
	got, err := canaryOf(next, primary, canary)
	if err != nil {
		t.Fatal(err)
	}
	c := got.ContainerDefinitions[0]
	env := values(c.Environment)
	if aws.ToString(got.Family) != "orders-worker-canary" || aws.ToString(got.Memory) != "1024" || len(got.ContainerDefinitions) != 3 ||
		env["SERVICE"] != "orders-worker-canary" || env["NEW"] != "1" || env["API_KEY"] != ecsservicetest.SecretValue || c.LogConfiguration.Options["awslogs-group"] != "/ecs/orders-worker-canary" {
		t.Errorf("%+v", got)
	}
	if values(next.ContainerDefinitions[0].Environment)["SERVICE"] != "orders-worker" {
		t.Error("the primary's definition was changed")
	}
	next.ContainerDefinitions[0].Environment[0].Value = aws.String("renamed")
	if _, err := canaryOf(next, primary, canary); err == nil || !strings.Contains(err.Error(), "environment variable SERVICE") {
		t.Errorf("a variable that differs and changes: %v", err)
	}
}
