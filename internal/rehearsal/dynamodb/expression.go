package dynamodb

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// condition is a condition expression, read: the item is absent, or its version equals.
type condition struct {
	kind    conditionKind
	version attr
}

type conditionKind byte

const (
	always conditionKind = iota
	absent
	equals
)

func (c condition) holds(current *item) bool {
	switch c.kind {
	case absent:
		return current == nil
	case equals:
		version, ok := current.read(c.version.name)
		return ok && version == c.version
	}
	return true
}

// readCondition reads a condition expression: attribute_not_exists(pk), or version = :v.
func readCondition(expression *string, names map[string]string, values map[string]types.AttributeValue) (condition, error) {
	if len(names) > 0 {
		return condition{}, unknown("names in a condition expression")
	}
	if expression == nil {
		return condition{}, onlyValues(values)
	}
	switch *expression {
	case "attribute_not_exists(pk)":
		return condition{kind: absent}, onlyValues(values)
	case "version = :v":
		if err := onlyValues(values, ":v"); err != nil {
			return condition{}, err
		}
		version, err := takeAttr("version", values[":v"])
		return condition{kind: equals, version: version}, err
	}
	return condition{}, unknown("the condition expression " + *expression)
}

// span is a key condition, read: the items of a partition, or of the index, whose sort key is in [from, to].
type span struct {
	hash     string
	index    bool
	from, to string
	only     []string // the attributes that are asked for; none: all
}

// afterAll is the sort key after all others that start with the same text.
const afterAll = "\U0010FFFF"

// readSpan reads a key condition expression.
func readSpan(index, expression *string, names map[string]string, values map[string]types.AttributeValue) (span, error) {
	if expression == nil {
		return span{}, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	if index != nil {
		return readIndexSpan(*index, *expression, names, values)
	}
	if len(names) > 0 {
		return span{}, unknown("names in a key condition on the table")
	}
	switch *expression {
	case "pk = :pk AND sk BETWEEN :from AND :to":
		texts, err := readValues(values, ":pk", ":from", ":to")
		if err != nil {
			return span{}, err
		}
		if texts[1] > texts[2] {
			return span{}, invalid("Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound")
		}
		return span{hash: texts[0], from: texts[1], to: texts[2]}, nil
	case "pk = :pk AND begins_with(sk, :prefix)":
		texts, err := readValues(values, ":pk", ":prefix")
		if err != nil {
			return span{}, err
		}
		return span{hash: texts[0], from: texts[1], to: texts[1] + afterAll}, nil
	}
	return span{}, unknown("the key condition expression " + *expression)
}

// readIndexSpan reads the one key condition on the index. OPEN is a reserved word, so it must come as a name.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
func readIndexSpan(index, expression string, names map[string]string, values map[string]types.AttributeValue) (span, error) {
	if index != indexOpen {
		return span{}, invalid("The table does not have the specified index: %s", index)
	}
	if expression != "#open = :open" || len(names) != 1 || names["#open"] != indexOpen {
		return span{}, unknown("the key condition expression " + expression + " on an index, with these names")
	}
	texts, err := readValues(values, ":open")
	if err != nil {
		return span{}, err
	}
	return span{hash: texts[0], index: true, to: afterAll}, nil
}

// plainNames are attributes that may stand in an expression as they are: neither OPEN nor TTL nor WRITE may.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
var plainNames = []string{attrPK, attrSK, "doc", "version"}

// readProjection reads a projection expression of plain names: "sk, doc".
func readProjection(expression *string, index bool) ([]string, error) {
	if expression == nil {
		return nil, nil
	}
	if index {
		return nil, unknown("a projection of the index, which holds keys only")
	}
	names := strings.Split(*expression, ", ")
	for i, name := range names {
		if !slices.Contains(plainNames, name) {
			return nil, unknown("the projection expression " + *expression)
		}
		if slices.Contains(names[:i], name) {
			return nil, invalid("Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [%s], path two: [%[1]s]", name)
		}
	}
	return names, nil
}

// readValues returns the texts behind exactly the given placeholders.
func readValues(values map[string]types.AttributeValue, placeholders ...string) ([]string, error) {
	if err := onlyValues(values, placeholders...); err != nil {
		return nil, err
	}
	texts := make([]string, len(placeholders))
	for i, placeholder := range placeholders {
		text, ok := values[placeholder].(*types.AttributeValueMemberS)
		if !ok {
			return nil, invalid("One or more parameter values were invalid: Condition parameter type does not match schema type: %s", placeholder)
		}
		if text.Value == "" {
			return nil, invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value: %s", placeholder)
		}
		texts[i] = text.Value
	}
	return texts, nil
}

// onlyValues holds the service's rule that every value is used and every placeholder has one.
func onlyValues(values map[string]types.AttributeValue, placeholders ...string) error {
	for _, placeholder := range placeholders {
		if values[placeholder] == nil {
			return invalid("An expression attribute value used in expression is not defined; attribute value: %s", placeholder)
		}
	}
	if len(values) == len(placeholders) {
		return nil
	}
	var unused []string
	for placeholder := range values {
		if !slices.Contains(placeholders, placeholder) {
			unused = append(unused, placeholder)
		}
	}
	slices.Sort(unused)
	return invalid("%s", fmt.Sprintf("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", strings.Join(unused, ", ")))
}
