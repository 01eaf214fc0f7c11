# frozen_string_literal: true

# The documented methods of lists of fields: `only`, `ignored` and `required`.
class Array
  def only(*names)
    select { |field| names.include?(field[:name]) }
  end

  def ignored(*names)
    reject { |field| names.include?(field[:name]) }
  end

  def required(*names)
    map { |field| names.include?(field[:name]) ? field.merge(optional: false) : field }
  end
end
