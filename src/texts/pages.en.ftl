# The registry's pages. A page's heading is .heading.

confirm = You, or somebody on behalf of your organisation, applied to accede. Press the button to confirm that letters to this address reach you.
    .heading = Confirm your address
    .button = Confirm

confirm-done = Thank you, the address is confirmed. The application is being considered; we will write to you about the next step. You may close this page.
    .heading = Address confirmed

confirm-nothing = This link is not valid: it may have been copied in part, replaced by a newer one, or be too old. Open the link in the latest letter, or reply to it.
    .heading = The link is not valid

confirm-closed = This application is closed, and the address need not be confirmed. If you did not expect this, reply to the latest letter.
    .heading = The application is closed
