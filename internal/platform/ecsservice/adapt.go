package ecsservice

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// canaryOf returns a new revision of the primary as the canary's own: in the canary's family, with the canary's tags,
// and with the canary's value wherever the two baselines differ (which Prepare found explained: each names its own
// service, each logs to its own place). A revision that changes such a value itself is refused: nobody can say what
// the canary's would be.
func canaryOf(next, primary, canary *ecs.RegisterTaskDefinitionInput) (*ecs.RegisterTaskDefinitionInput, error) {
	own := *next
	err := keepOwn(reflect.ValueOf(&own).Elem(), reflect.ValueOf(*primary), reflect.ValueOf(*canary), "", "Family", "Tags", "ContainerDefinitions")
	if err != nil {
		return nil, err
	}
	own.Family, own.Tags = canary.Family, canary.Tags
	own.ContainerDefinitions = slices.Clone(next.ContainerDefinitions)
	for i := range own.ContainerDefinitions {
		if err := ownContainer(&own.ContainerDefinitions[i], primary, canary); err != nil {
			return nil, err
		}
	}
	return &own, nil
}

func ownContainer(next *types.ContainerDefinition, primary, canary *ecs.RegisterTaskDefinitionInput) error {
	name := aws.ToString(next.Name)
	p, inPrimary := ContainerOf(primary.ContainerDefinitions, name)
	c, inCanary := ContainerOf(canary.ContainerDefinitions, name)
	if !inPrimary || !inCanary {
		return nil // new with this revision
	}
	where := "container " + name + ": "
	environment, err := ownEnvironment(next.Environment, p.Environment, c.Environment, where)
	if err != nil {
		return err
	}
	next.Environment = environment
	return keepOwn(reflect.ValueOf(next).Elem(), reflect.ValueOf(p), reflect.ValueOf(c), where, "Environment", "Image")
}

// keepOwn goes through the fields of a struct: where primary and canary differ, next gets the canary's.
func keepOwn(next, primary, canary reflect.Value, where string, except ...string) error {
	for i := range next.NumField() {
		field := next.Type().Field(i)
		if !field.IsExported() || slices.Contains(except, field.Name) || reflect.DeepEqual(primary.Field(i).Interface(), canary.Field(i).Interface()) {
			continue
		}
		if !reflect.DeepEqual(next.Field(i).Interface(), primary.Field(i).Interface()) {
			return bothDiffer(where, field.Name)
		}
		next.Field(i).Set(canary.Field(i))
	}
	return nil
}

func ownEnvironment(next, primary, canary []types.KeyValuePair, where string) ([]types.KeyValuePair, error) {
	before, own := values(primary), values(canary)
	kept := slices.Clone(next)
	for i, pair := range next {
		name := aws.ToString(pair.Name)
		if before[name] == own[name] {
			continue
		}
		if aws.ToString(pair.Value) != before[name] {
			return nil, bothDiffer(where, "environment variable "+name)
		}
		kept[i].Value = aws.String(own[name])
	}
	return kept, nil
}

func bothDiffer(where, what string) error {
	return fmt.Errorf("%s%s differs between the primary's and the canary's definition and is changed by the revision too, so the canary's value is not known; make it the same in both services first", where, what)
}

func values(pairs []types.KeyValuePair) map[string]string {
	byName := map[string]string{}
	for _, pair := range pairs {
		byName[aws.ToString(pair.Name)] = aws.ToString(pair.Value)
	}
	return byName
}
