package dynamodb

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The service's limits.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const (
	maxItem        = 400 << 10
	maxPK          = 2048
	maxSK          = 1024
	maxPage        = 1 << 20
	maxTransaction = 4 << 20
	maxWrites      = 100
	maxToken       = 36
)

// item is one item as it was written. It is never changed: a write makes a new one.
type item struct {
	attrs  []attr // in any order
	size   int    // bytes, as AWS counts them
	pk, sk string // its key
	open   string // its key in the index; empty: it is not in there
}

type attr struct {
	name string
	kind kind
	text string
}

type kind byte

const (
	kindString  kind = 'S'
	kindNumber  kind = 'N'
	kindBoolean kind = 'B'
)

// read returns the text of an attribute; false where the item is absent or does not have it.
func (it *item) read(name string) (attr, bool) {
	if it == nil {
		return attr{}, false
	}
	for _, a := range it.attrs {
		if a.name == name {
			return a, true
		}
	}
	return attr{}, false
}

// equal reports whether two items say the same.
func (it *item) equal(other *item) bool {
	return len(it.attrs) == len(other.attrs) && !slices.ContainsFunc(it.attrs, func(a attr) bool {
		same, ok := other.read(a.name)
		return !ok || same != a
	})
}

// take makes an item of what a caller wrote, or says what the service would not accept.
func take(written map[string]types.AttributeValue) (*item, error) {
	it := &item{attrs: make([]attr, 0, len(written))}
	for name, value := range written {
		a, err := takeAttr(name, value)
		if err != nil {
			return nil, err
		}
		it.attrs = append(it.attrs, a)
		it.size += a.size()
	}
	if err := it.checkKeys(); err != nil {
		return nil, err
	}
	return it, nil
}

func takeAttr(name string, value types.AttributeValue) (attr, error) {
	switch value := value.(type) {
	case *types.AttributeValueMemberS:
		if !utf8.ValidString(value.Value) {
			return attr{}, invalid("attribute %s is not UTF-8", name)
		}
		return attr{name, kindString, value.Value}, nil
	case *types.AttributeValueMemberN:
		number, err := strconv.ParseInt(value.Value, 10, 64)
		if err != nil {
			return attr{}, unknown("the number " + strconv.Quote(value.Value) + " of attribute " + name + ", only whole numbers")
		}
		return attr{name, kindNumber, strconv.FormatInt(number, 10)}, nil
	case *types.AttributeValueMemberBOOL:
		return attr{name, kindBoolean, strconv.FormatBool(value.Value)}, nil
	}
	return attr{}, unknown("the type of attribute " + name + ", only S, N and BOOL")
}

// size as AWS counts it: the name, and the value in UTF-8, two digits a byte and one more, or one byte.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func (a attr) size() int {
	switch a.kind {
	case kindNumber:
		return len(a.name) + (len(a.text)+1)/2 + 1
	case kindBoolean:
		return len(a.name) + 1
	}
	return len(a.name) + len(a.text)
}

// checkKeys holds the key attributes to the table's schema and remembers them.
func (it *item) checkKeys() error {
	for _, key := range [...]struct {
		name string
		text *string
		most int
	}{{indexOpen, &it.open, maxItem}, {attrPK, &it.pk, maxPK}, {attrSK, &it.sk, maxSK}} {
		a, ok := it.read(key.name)
		if !ok {
			continue
		}
		switch *key.text = a.text; {
		case a.kind != kindString:
			return invalid("One or more parameter values were invalid: Type mismatch for key %s expected: S actual: %c", a.name, a.kind)
		case a.text == "":
			return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: %s", a.name)
		case len(a.text) > key.most:
			return invalid("One or more parameter values were invalid: Size of key %s has exceeded the limit of %d and %d bytes", a.name, maxPK, maxSK)
		}
	}
	switch {
	case it.pk == "":
		return invalid("One or more parameter values were invalid: Missing the key %s in the item", attrPK)
	case it.sk == "":
		return invalid("One or more parameter values were invalid: Missing the key %s in the item", attrSK)
	}
	return nil
}

// give returns a copy for the caller, with the given attributes or with all of them.
func (it *item) give(names ...string) map[string]types.AttributeValue {
	size := len(it.attrs)
	if len(names) > 0 {
		size = min(size, len(names))
	}
	out := make(map[string]types.AttributeValue, size)
	texts := make([]types.AttributeValueMemberS, 0, size)
	for _, a := range it.attrs {
		if len(names) > 0 && !slices.Contains(names, a.name) {
			continue
		}
		switch a.kind {
		case kindNumber:
			out[a.name] = &types.AttributeValueMemberN{Value: a.text}
		case kindBoolean:
			out[a.name] = &types.AttributeValueMemberBOOL{Value: a.text == "true"}
		default:
			texts = append(texts, types.AttributeValueMemberS{Value: a.text})
			out[a.name] = &texts[len(texts)-1]
		}
	}
	return out
}
