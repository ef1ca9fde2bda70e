package ecs

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
func TestRegisterRefuses(t *testing.T) {
	for name, change := range map[string]func(*sdk.RegisterTaskDefinitionInput){
		"no family":         func(in *sdk.RegisterTaskDefinitionInput) { in.Family = nil },
		"family characters": func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("orders:1") },
		"no containers":     func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions = nil },
		"no name":           func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].Name = nil },
		"no image":          func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].Image = nil },
		"two of a name": func(in *sdk.RegisterTaskDefinitionInput) {
			in.ContainerDefinitions = append(in.ContainerDefinitions, in.ContainerDefinitions[0])
		},
		"none essential":    func(in *sdk.RegisterTaskDefinitionInput) { in.ContainerDefinitions[0].Essential = aws.Bool(false) },
		"fargate no memory": func(in *sdk.RegisterTaskDefinitionInput) { in.Memory = nil },
		"fargate no cpu":    func(in *sdk.RegisterTaskDefinitionInput) { in.Cpu = nil },
		"family too long":   func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String(strings.Repeat("x", 256)) },
	} {
		in := registration("good")
		change(in)
		if _, err := newWorld(t, 1).CreateTaskDefinition(in); code(err) != "ClientException" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRegisterCountsRevisionsAndFillsIn(t *testing.T) {
	w := newWorld(t, 1)
	first, second := w.define("good"), w.define("other")
	if first != arnPrefix+"task-definition/orders:1" || second != arnPrefix+"task-definition/orders:2" {
		t.Errorf("registered %s and %s", first, second)
	}
	d := w.definition(second).data
	if !*d.ContainerDefinitions[0].Essential || d.Status != types.TaskDefinitionStatusActive || d.Revision != 2 ||
		!d.RegisteredAt.Equal(start) || d.RegisteredBy == nil || len(d.RequiresAttributes) == 0 || len(d.Compatibilities) != 2 {
		t.Errorf("stored %+v", d)
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
func TestDescribeTaskDefinition(t *testing.T) {
	w := newWorld(t, 1)
	tagged := func(in *sdk.RegisterTaskDefinitionInput) {
		in.Tags = []types.Tag{{Key: aws.String("release"), Value: aws.String("r1")}}
	}
	first, second, third := w.define("good"), w.define("other", tagged), w.define("late")
	if err := w.ForeignDeregister(third); err != nil {
		t.Fatal(err)
	}
	w.within(func(ctx context.Context) {
		describe := func(name string, include ...types.TaskDefinitionField) (*sdk.DescribeTaskDefinitionOutput, error) {
			return w.DescribeTaskDefinition(ctx, &sdk.DescribeTaskDefinitionInput{TaskDefinition: &name, Include: include})
		}
		for name, want := range map[string]string{"orders": second, "orders:1": first, first: first, third: third} {
			if out, err := describe(name); err != nil || *out.TaskDefinition.TaskDefinitionArn != want {
				t.Errorf("%s is %v, %v", name, out, err)
			}
		}
		if out, _ := describe(third); out.TaskDefinition.Status != types.TaskDefinitionStatusInactive || out.TaskDefinition.DeregisteredAt == nil {
			t.Errorf("a deregistered definition is %s", out.TaskDefinition.Status)
		}
		if out, _ := describe(second); out.Tags != nil {
			t.Errorf("tags that nobody asked for: %v", out.Tags)
		}
		out, _ := describe(second, types.TaskDefinitionFieldTags)
		if len(out.Tags) != 1 || *out.Tags[0].Value != "r1" {
			t.Errorf("tags %v", out.Tags)
		}
		*out.Tags[0].Value, *out.TaskDefinition.ContainerDefinitions[0].Image = "spoilt", "spoilt"
		if again, _ := describe(second, types.TaskDefinitionFieldTags); *again.Tags[0].Value != "r1" || *again.TaskDefinition.ContainerDefinitions[0].Image != repo+":other" {
			t.Error("an answer is a window into the world")
		}
		for _, name := range []string{"orders:9", "payments", arnPrefix + "task-definition/orders:9"} {
			if _, err := describe(name); code(err) != "ClientException" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := describe(""); code(err) != "InvalidParameterException" {
			t.Errorf("no name: %v", err)
		}
	})
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
func TestListTaskDefinitions(t *testing.T) {
	w := newWorld(t, 1)
	for range 12 {
		w.define("good")
	}
	w.define("good", func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("orders-canary") })
	w.define("good", func(in *sdk.RegisterTaskDefinitionInput) { in.Family = aws.String("billing") })
	if _, err := w.CreateService(ServiceSpec{Cluster: "prod", Name: "orders", TaskDefinition: "orders:11", Desired: 1}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []string{"orders:11", "orders:12"} { // of which the service still refers to the first
		if err := w.ForeignDeregister(n); err != nil {
			t.Fatal(err)
		}
	}
	orders := func(from, to int) (all []string) {
		for i := from; i <= to; i++ {
			all = append(all, "orders:"+strconv.Itoa(i))
		}
		return all
	}
	reversed := orders(1, 10)
	slices.Reverse(reversed)
	for name, c := range map[string]struct {
		in   sdk.ListTaskDefinitionsInput
		want []string
	}{
		"a family is a whole name": {sdk.ListTaskDefinitionsInput{FamilyPrefix: aws.String("orders")}, orders(1, 10)},
		"newest first":             {sdk.ListTaskDefinitionsInput{FamilyPrefix: aws.String("orders"), Sort: types.SortOrderDesc}, reversed},
		"families in order":        {sdk.ListTaskDefinitionsInput{}, slices.Concat([]string{"billing:1"}, orders(1, 10), []string{"orders-canary:1"})},
		"inactive, referred to":    {sdk.ListTaskDefinitionsInput{Status: types.TaskDefinitionStatusInactive}, []string{"orders:11"}},
		"nothing":                  {sdk.ListTaskDefinitionsInput{FamilyPrefix: aws.String("payments")}, nil},
	} {
		for _, size := range []int32{0, 1, 3, 100} {
			if got := w.listAll(c.in, size); !slices.Equal(got, c.want) {
				t.Errorf("%s in pages of %d: %v", name, size, got)
			}
		}
	}
	w.within(func(ctx context.Context) {
		for _, in := range []*sdk.ListTaskDefinitionsInput{{MaxResults: aws.Int32(101)}, {MaxResults: aws.Int32(0)}, {NextToken: aws.String("?")}} {
			if _, err := w.ListTaskDefinitions(ctx, in); code(err) != "InvalidParameterException" {
				t.Errorf("%+v: %v", in, err)
			}
		}
	})
}

func (w *world) listAll(in sdk.ListTaskDefinitionsInput, size int32) (names []string) {
	w.t.Helper()
	if size > 0 {
		in.MaxResults = &size
	}
	w.within(func(ctx context.Context) {
		for {
			out, err := w.ListTaskDefinitions(ctx, &in)
			if err != nil {
				w.t.Error(err)
				return
			}
			for _, arn := range out.TaskDefinitionArns {
				names = append(names, taskID(arn))
			}
			if in.NextToken = out.NextToken; in.NextToken == nil {
				return
			}
		}
	})
	return names
}

func TestDeregisterNeedsARevision(t *testing.T) {
	w := newWorld(t, 1)
	w.define("good")
	for _, name := range []string{"orders", "orders:2", "payments:1"} {
		if err := w.ForeignDeregister(name); code(err) != "ClientException" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for range 2 { // the second time changes nothing
		if err := w.ForeignDeregister("orders:1"); err != nil {
			t.Error(err)
		}
	}
}

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TagResource.html
func TestTags(t *testing.T) {
	w := newWorld(t, 1)
	arn := w.define("good")
	w.within(func(ctx context.Context) {
		set := func(key, value string) {
			if _, err := w.TagResource(ctx, &sdk.TagResourceInput{ResourceArn: &arn, Tags: []types.Tag{{Key: &key, Value: &value}}}); err != nil {
				t.Error(err)
			}
		}
		set("a", "1")
		set("b", "2")
		set("a", "3")
		if _, err := w.UntagResource(ctx, &sdk.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"b"}}); err != nil {
			t.Error(err)
		}
		out, err := w.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: &arn})
		if err != nil || len(out.Tags) != 1 || *out.Tags[0].Value != "3" {
			t.Errorf("%v, %v", out, err)
		}
		if _, err := w.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: aws.String("arn:x")}); code(err) != "InvalidParameterException" {
			t.Errorf("tags of nothing: %v", err)
		}
	})
}
