-- One row for each person. The columns' names are those of `td-line describe line_via_crescendo`.
SELECT
  line_uid,
  line_display_name,
  email,
  mobile,
  gender,
  birthday,
  tags
FROM members
