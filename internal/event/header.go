package event

import (
	"strconv"
	"unicode/utf8"
)

// MaxHeader bounds the JSON form of a header, in bytes.
const MaxHeader = 16 << 10

// specVersion is the version of CloudEvents that ww speaks.
const specVersion = "1.0"

// AppendHeader appends the JSON form of h: a CloudEvents 1.0 attribute set in a fixed key order, without the
// attributes that are absent. Bytes that are not UTF-8 become U+FFFD, as in encoding/json.
func AppendHeader(dst []byte, h *Header) []byte {
	dst = append(dst, `{"specversion":"1.0"`...)
	dst = appendText(dst, `,"id":"`, h.ID)
	dst = appendText(dst, `,"source":"`, h.Source)
	dst = appendText(dst, `,"type":"`, h.Type)
	dst = appendText(dst, `,"subject":"`, h.Subject)
	dst = appendText(dst, `,"datacontenttype":"`, h.DataContentType)
	dst = appendText(dst, `,"wwsession":"`, h.Session)
	dst = appendText(dst, `,"wwturn":"`, h.Turn)
	dst = appendText(dst, `,"wwbase":"`, h.Base)
	if h.Seq != 0 {
		dst = append(dst, `,"wwseq":"`...)
		dst = strconv.AppendUint(dst, h.Seq, 10)
		dst = append(dst, '"')
	}
	dst = appendInt(dst, `,"wwattempt":`, int64(h.Attempt))
	dst = appendText(dst, `,"wwbranch":"`, h.Branch)
	dst = appendText(dst, `,"wwstack":"`, h.Stack)
	if h.TTL != 0 {
		dst = append(dst, `,"wwttlms":"`...)
		dst = strconv.AppendInt(dst, h.TTL, 10)
		dst = append(dst, '"')
	}
	dst = appendText(dst, `,"wwtrace":"`, h.Trace)
	dst = appendText(dst, `,"wwchain":"`, h.Chain)
	dst = appendText(dst, `,"wworigin":"`, h.Origin)
	if h.Took != 0 {
		dst = append(dst, `,"wwtookus":"`...)
		dst = strconv.AppendInt(dst, h.Took, 10)
		dst = append(dst, '"')
	}
	dst = appendText(dst, `,"wwfallback":"`, h.Fallback)
	dst = appendText(dst, `,"wwfallbacks":"`, h.Fallbacks)
	dst = appendInt(dst, `,"wwdropped":`, int64(h.Dropped))
	dst = appendInt(dst, `,"wwuser":`, int64(h.User))
	dst = appendText(dst, `,"correlationid":"`, h.CorrelationID)
	dst = appendText(dst, `,"traceparent":"`, h.TraceParent)
	return append(dst, '}')
}

// appendText appends a key that ends in an opening quote, the text and the closing quote.
func appendText(dst []byte, key, s string) []byte {
	if s == "" {
		return dst
	}
	dst = append(dst, key...)
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

func appendInt(dst []byte, key string, n int64) []byte {
	if n == 0 {
		return dst
	}
	dst = append(dst, key...)
	return strconv.AppendInt(dst, n, 10)
}

// appendEscaped appends s as the inside of a JSON string.
func appendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = append(dst, "\uFFFD"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(dst, s[start:]...)
}
