# frozen_string_literal: true

# SCIM filters (RFC 7644 §3.4.2.2), read as a tree: operators and attribute names in any case, `not` over `and`
# over `or`. A reader is a hash of the text and the current position.
{
  parse_filter: lambda do |text|
    reader = { 'text' => text, 'at' => 0 }
    call('filter_match', reader, /\s*/)
    filter = call('filter_or', reader, 0)
    call('filter_match', reader, /\s*/)
    call('filter_expected', reader, 'end') if reader['at'] < text.length
    filter
  end,

  # Consumes a match at the current position; nil without a match.
  filter_match: lambda do |reader, pattern|
    match = /\G(?:#{pattern.source})/im.match(reader['text'], reader['at'])
    reader['at'] = match.end(0) unless match.nil?
    match
  end,

  filter_take: lambda do |reader, character|
    next false unless reader['text'][reader['at']] == character

    reader['at'] += 1
    true
  end,

  filter_word?: lambda do |reader, word|
    before = reader['at']
    call('filter_match', reader, /\s*/)
    found = call('filter_match', reader, /[^\s()\[\]"]+/)
    next true if found && found[0].casecmp(word).zero?

    reader['at'] = before
    false
  end,

  # Raises the syntax error of a filter, as an ArgumentError with its position.
  filter_expected: lambda do |reader, expected|
    rest = reader['text'][reader['at'], 20].to_s
    values = {
      'expected' => call('text_of', 'filter', expected), 'position' => reader['at'],
      'found' => rest.empty? ? call('text_of', 'filter', 'end') : ::JSON.generate(rest)
    }
    raise ::ArgumentError, call('text_of', 'filter', 'expected', values)
  end,

  filter_or: lambda do |reader, depth|
    call('filter_joined', reader, depth, 'or', -> { call('filter_and', reader, depth) })
  end,

  filter_and: lambda do |reader, depth|
    call('filter_joined', reader, depth, 'and', -> { call('filter_term', reader, depth) })
  end,

  filter_joined: lambda do |reader, depth, kind, read|
    if depth > 64
      raise ::ArgumentError, call('text_of', 'filter', 'tooDeep', { 'levels' => 64, 'position' => reader['at'] })
    end

    filters = [read.call]
    filters << read.call while call('filter_word?', reader, kind)
    filters.length == 1 ? filters[0] : { 'kind' => kind, 'filters' => filters }
  end,

  filter_term: lambda do |reader, depth|
    call('filter_match', reader, /\s*/)
    if call('filter_word?', reader, 'not')
      call('filter_match', reader, /\s*/)
      call('filter_expected', reader, 'parenthesisAfterNot') unless call('filter_take', reader, '(')
      next { 'kind' => 'not', 'filter' => call('filter_grouped', reader, depth, ')') }
    end
    next call('filter_grouped', reader, depth, ')') if call('filter_take', reader, '(')

    call('filter_comparison', reader, depth)
  end,

  filter_grouped: lambda do |reader, depth, ending|
    filter = call('filter_or', reader, depth + 1)
    call('filter_match', reader, /\s*/)
    closed = call('filter_take', reader, ending)
    call('filter_expected', reader, ending == ')' ? 'parenthesis' : 'bracket') unless closed
    filter
  end,

  # RFC 7643 §2.1 ATTRNAME, plus "$ref"; a schema URI (RFC 8141) can precede it, up to the last colon.
  filter_name: lambda do |reader|
    call('filter_match', reader, /(?:(urn:[\w.:+%~!$&'*;=@-]+):)?([A-Za-z$][\w$-]*)/)
  end,

  filter_path: lambda do |reader, depth|
    match = call('filter_name', reader)
    call('filter_expected', reader, 'attributeName') if match.nil?
    path = { 'schema' => match[1], 'attribute' => match[2] }
    path['filter'] = call('filter_grouped', reader, depth, ']') if call('filter_take', reader, '[')
    if call('filter_take', reader, '.')
      sub = call('filter_name', reader)
      call('filter_expected', reader, 'subAttributeName') if sub.nil? || sub[1]
      path['subAttribute'] = sub[2]
    end
    path.compact
  end,

  filter_comparison: lambda do |reader, depth|
    path = call('filter_path', reader, depth)
    before = reader['at']
    call('filter_match', reader, /\s*/)
    found = call('filter_match', reader, /[^\s()\[\]"]+/)
    word = found && found[0].downcase
    next { 'kind' => 'present', 'path' => path } if word == 'pr'

    if %w[eq ne co sw ew gt ge lt le].include?(word)
      call('filter_match', reader, /\s*/)
      next { 'kind' => 'compare', 'path' => path, 'operator' => word, 'value' => call('filter_value', reader) }
    end
    reader['at'] = before
    next { 'kind' => 'present', 'path' => path } if path['filter'] && path['subAttribute'].nil?

    call('filter_match', reader, /\s*/)
    call('filter_expected', reader, 'operator')
  end,

  filter_value: lambda do |reader|
    next call('filter_text', reader) if reader['text'][reader['at']] == '"'

    number = call('filter_match', reader, /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.:+-])/)
    next ::JSON.parse(number[0]) unless number.nil?

    before = reader['at']
    word = call('filter_match', reader, /[^\s()\[\]"]+/)
    known = { 'true' => true, 'false' => false, 'null' => nil }
    next known[word[0].downcase] if word && known.key?(word[0].downcase)

    reader['at'] = before
    call('filter_expected', reader, 'value')
  end,

  filter_text: lambda do |reader|
    before = reader['at']
    # Only JSON's own escapes (RFC 8259 §7); Ruby would accept more.
    quoted = call('filter_match', reader, %r{"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u\h{4}))*"})
    next ::JSON.parse(quoted[0]) unless quoted.nil?

    reader['at'] = before
    call('filter_expected', reader, 'string')
  end
}
