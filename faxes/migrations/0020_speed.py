from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("faxes", "0019_approval")]

    operations = [
        migrations.AddIndex(
            model_name="document",
            index=models.Index(
                condition=models.Q(("name", ""), _negated=True),
                fields=["account", "name", "fax"],
                name="document_searched",
            ),
        ),
    ]
