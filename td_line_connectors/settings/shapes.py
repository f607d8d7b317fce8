"""What does a right export look like?"""

from typing import Final

__all__ = ["BLOCK_SHAPE", "EXPORT_SHAPE", "JOB_SHAPE"]

EXPORT_SHAPE: Final = """
    +task:
      td>: queries/members.sql
      result_connection: your_connection_name
      result_settings:
        data_object: members
        import_key: line_uid
        tags: import210707, apple product interested"""

BLOCK_SHAPE: Final = """
    +task:
      td>: queries/members.sql
      result_connection:
        connection: your_connection_name
        data_object: members
        import_key: line_uid
        tags: import210707, apple product interested"""

JOB_SHAPE: Final = """
    +task:
      td_result_export>:
      job_id: 12345
      result_connection: your_connection_name
      result_settings:
        data_object: members
        import_key: line_uid
        tags: import210707, apple product interested"""
